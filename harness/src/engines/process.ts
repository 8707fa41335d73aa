import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { childEngine } from './child.js';
import type { Engine, GuestProgram } from './engine.js';
import { native } from './native.js';

export function programIn({ bin }: Built, program: GuestProgram = 'stdio-worker'): string {
  return join(bin, program);
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
  limits: ['memoryBytes', 'seconds'],
  // Address space, and seconds of processor time.
  command: (built, { program, flags, limits: { memoryBytes, seconds } = {} }) => [
    ...(memoryBytes === undefined ? [] : ['prlimit', `--as=${memoryBytes}`]),
    ...(seconds === undefined ? [] : ['prlimit', `--cpu=${seconds}`]),
    ...[programIn(built, program), ...flags],
  ],
  files: (built) => [programIn(built)],
  artefacts: (built) => ({ programs: { 'stdio-worker': programIn(built) }, wasm: [] }),
  startMs: 5,
  rates: native.cost.rates,
  describe: null,
});
