import { join } from 'node:path';
import { childEngine } from './child.js';
import { ONE_KERNEL } from './wasi.js';

/** WebAssembly outside the browser, in the Node that this harness runs in: V8, as in Chromium. */
export const wasiNode = childEngine({
  name: 'wasi-node',
  needs: ['wasi'],
  lacks: ONE_KERNEL,
  command: ({ wasi }) => [
    ...[process.execPath, '--no-warnings', join(wasi, 'node.mjs')],
    join(wasi, 'stdio-worker.wasm'),
  ],
  files: ({ wasi }) => [join(wasi, 'node.mjs'), join(wasi, 'stdio-worker.wasm')],
  artefacts: ({ wasi }) => ({ programs: {}, wasm: [wasi] }),
  startMs: 60,
  rates: { simd: 2.2e10 },
  describe: null, // the version of Node is that of the harness
});
