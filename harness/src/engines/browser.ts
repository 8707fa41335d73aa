import { join } from 'node:path';
import type { Engine } from './engine.js';

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
      urlOf: ({ system, serviceMs }, { coordinator, workerId }) => {
        const { dispatch, codec, kernel } = system;
        const query = new URLSearchParams({ workerId, dispatch, codec, kernel });
        if (serviceMs > 0) query.set('serviceTime', String(serviceMs));
        return `${coordinator}/worker.html?${query}`;
      },
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
