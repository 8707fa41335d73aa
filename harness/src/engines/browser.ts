import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setup } from '../systems/fields.js';
import type { CoordinatorPlace, Engine } from './engine.js';
import { moduleOf, ONE_KERNEL } from './wasi.js';

/** What the page calls the module of WASI runtimes. */
const MODULE = 'stdio-worker.wasm';

/** WebAssembly in a tab of a browser for each worker. */
export const browser: Engine<'browser'> = {
  name: 'browser',
  lacks: {
    blas: 'blas is a native library',
    'simd-128': 'simd-128 is machine code as narrow as the vectors that simd has in a browser',
  },
  workers: {
    'in-process': { because: 'a browser is another process' },
    direct: { because: 'a page cannot listen on a socket' },
    relayed: {
      page: ({ site }) => join(site, 'worker.html'),
      // A page arms itself from its URL, so that nobody need be attached to it.
      urlOf: (setup, place) => urlOf(setup, place, { kernel: setup.system.kernel }),
    },
  },
  inBrowser: true,
  refuses: {},
  cost: {
    launchSeconds: (workers) => 0.5 + 0.16 * workers,
    startMsPerWorker: 1_000,
    secondsPerTask: { rest: 4e-3, ws: 1e-3 },
    secondsPerElement: { none: 0, binary: 5e-8, json: 4e-7 },
    rates: {
      origin: 3e8,
      naive: 6.6e8,
      blocked: 9e9,
      simd: 2.1e10,
      relaxed: 2.5e10,
      'relaxed-wide': 2.5e10,
    },
  },
  artefacts: ({ site }) => ({ programs: {}, wasm: [site] }),
  describe: async (probe) => {
    const { version, commandLine } = await probe.askBrowser();
    return { versions: { browser: version }, browser_command_line: commandLine };
  },
};

/** The module of WASI runtimes in a tab: the worker's page has its messages answered by that, in the same thread. */
export const wasiBrowser: Engine<'wasi-browser'> = {
  ...browser,
  name: 'wasi-browser',
  needs: ['wasi'],
  lacks: ONE_KERNEL,
  workers: {
    ...browser.workers,
    relayed: {
      page: ({ site }) => join(site, 'worker.html'),
      urlOf: (setup, place) => urlOf(setup, place, { module: MODULE }),
    },
  },
  artefacts: ({ site, wasi }) => ({ programs: {}, wasm: [site, wasi] }),
  // Beside the page, from where the coordinator serves it.
  prepare: async (built) => {
    const there = join(built.site, MODULE);
    const [wanted, found] = await Promise.all([
      readFile(moduleOf(built)),
      readFile(there).catch(() => undefined),
    ]);
    if (found === undefined || !wanted.equals(found)) await copyFile(moduleOf(built), there);
  },
};

function urlOf(
  { system, serviceMs }: Setup,
  { coordinator, workerId }: CoordinatorPlace,
  own: Readonly<Record<string, string>>,
): string {
  const { dispatch, codec } = system;
  const query = new URLSearchParams({ workerId, dispatch, codec, ...own });
  if (serviceMs > 0) query.set('serviceTime', String(serviceMs));
  return `${coordinator}/worker.html?${query}`;
}
