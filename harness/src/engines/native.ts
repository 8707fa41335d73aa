import { join } from 'node:path';
import type { Engine } from './engine.js';
import { faultOf, serviceTimeOf, swarmWorker } from './swarm_worker.js';

const RELAXED =
  'relaxed SIMD exists only in WebAssembly; native simd already fuses multiply and add';

/** Machine code, in a program for each worker. */
export const native: Engine<'native'> = {
  name: 'native',
  lacks: { relaxed: RELAXED, 'relaxed-wide': RELAXED },
  workers: {
    'in-process': { threads: true },
    direct: {
      program: 'matmul-worker',
      path: ({ bin }) => join(bin, 'matmul-worker'),
      argumentsOf: (setup, { port, metricsPort, corruptible }) => [
        ...['--listen', '127.0.0.1', '--port', String(port)],
        ...['--metrics-port', String(metricsPort)],
        ...['--transport', setup.system.transport, '--kernel', setup.system.kernel],
        ...serviceTimeOf(setup),
        ...faultOf(corruptible),
      ],
    },
    relayed: swarmWorker(({ system: { kernel } }) => ['--kernel', kernel]),
  },
  inBrowser: false,
  refuses: { browser_flags: 'engine native has no browser' },
  cost: {
    launchSeconds: (workers) => 0.16 + 0.03 * workers,
    startMsPerWorker: 250,
    secondsPerTask: {},
    secondsPerElement: { none: 0, binary: 5e-9, json: 2e-7 },
    rates: {
      origin: 3e8,
      naive: 6.6e8,
      blocked: 9e9,
      'simd-128': 1.9e10,
      simd: 4.8e10,
      blas: 5e10,
    },
  },
  artefacts: ({ bin }) => ({
    programs: {
      'matmul-worker': join(bin, 'matmul-worker'),
      'swarm-worker': join(bin, 'swarm-worker'),
    },
    wasm: [],
  }),
  describe: null,
};
