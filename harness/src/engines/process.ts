import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { childEngine } from './child.js';
import type { Engine } from './engine.js';
import { native } from './native.js';

export function stdioWorkerIn({ bin }: Pick<Built, 'bin'>): string {
  return join(bin, 'stdio-worker');
}

/** Kernels that stdio-worker has not. */
export const STDIO_WORKER_LACKS: Engine['lacks'] = {
  ...native.lacks,
  blas: 'stdio-worker is one file, and loads no library',
};

/** Machine code in a program of its own behind each worker: what it costs to cross to one, and no more. */
export const processEngine = childEngine({
  name: 'process',
  lacks: STDIO_WORKER_LACKS,
  command: (built, kernel) => [stdioWorkerIn(built), '--kernel', kernel],
  files: (built) => [stdioWorkerIn(built)],
  artefacts: (built) => ({ programs: { 'stdio-worker': stdioWorkerIn(built) }, wasm: [] }),
  startMs: 5,
  rates: native.cost.rates,
  describe: null,
});
