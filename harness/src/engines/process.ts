import { join } from 'node:path';
import { childEngine } from './child.js';
import { native } from './native.js';

/** Machine code in a program of its own behind each worker: what it costs to cross to one, and no more. */
export const processEngine = childEngine({
  name: 'process',
  lacks: native.lacks,
  command: ({ bin }, kernel) => [join(bin, 'stdio-worker'), '--kernel', kernel],
  files: ({ bin }) => [join(bin, 'stdio-worker')],
  artefacts: ({ bin }) => ({ programs: { 'stdio-worker': join(bin, 'stdio-worker') }, wasm: [] }),
  startMs: 5,
  rates: native.cost.rates,
  describe: null,
});
