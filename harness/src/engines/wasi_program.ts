import { join } from 'node:path';
import { firstLineOf } from '../base/ask.js';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import { compiledAhead, moduleIn, ONE_KERNEL, versionIn } from './wasi.js';

/** In wazero, which is written in Go and compiles at start-up. */
export const wasiWazero = inProgram('wasi-wazero', 'wazero', {
  command: (wazero, built) => [wazero, 'run', moduleIn(built.wasi)],
  startMs: 150,
  rates: { simd: 8e9 },
});

/** In wasmi, an interpreter. */
export const wasiWasmi = inProgram('wasi-wasmi', 'wasmi', {
  command: (wasmi, built) => [wasmi, 'run', moduleIn(built.wasi)],
  startMs: 15,
  rates: { simd: 8e8 },
});

const universal = compiledAhead('wasi-wasmedge', 'stdio-worker.aot.wasm', (built, to) => [
  ...[join(built.engines, 'wasmedge'), 'compile', moduleIn(built.wasi), to],
]);

/** In WasmEdge, compiled by LLVM before anything is measured. */
export const wasiWasmedge = inProgram('wasi-wasmedge', 'wasmedge', {
  command: (wasmedge) => [wasmedge, universal.path()],
  prepare: universal.prepare,
  startMs: 40,
  rates: { simd: 2e10 },
});

const translated = compiledAhead('wasi-wasm2c', 'stdio-worker', (built, to) => [
  join(built.wasi, 'wasm2c', 'compile'),
  ...[join(built.engines, 'wasm2c'), moduleIn(built.wasi), to],
]);

/** A program of its own, of the C that wasm2c makes of the module, compiled before anything is measured. */
export const wasiWasm2c = inProgram('wasi-wasm2c', 'wasm2c', {
  command: () => [translated.path()],
  prepare: translated.prepare,
  startMs: 5,
  rates: { simd: 1.4e10 },
  versions: async () => ({ 'wasm2c-compiler': await firstLineOf('cc', ['--version']) }),
});

interface Own extends Pick<Child<string>, 'prepare' | 'startMs' | 'rates'> {
  readonly command: (program: string, built: Built) => readonly string[];
  /** Beside that of the program itself; null: unknown. */
  readonly versions?: () => Promise<Readonly<Record<string, string | null>>>;
}

/** A runtime that is a program, which setup/engine has. */
function inProgram<Name extends string>(
  name: Name,
  program: string,
  { command, versions, ...own }: Own,
) {
  const pathIn = ({ engines }: Built) => join(engines, program);
  return childEngine({
    ...own,
    name,
    needs: ['wasi', `engine:${program}`],
    lacks: ONE_KERNEL,
    command: (built) => command(pathIn(built), built),
    files: (built) => [pathIn(built), moduleIn(built.wasi)],
    artefacts: (built) => ({ programs: { [program]: pathIn(built) }, wasm: [built.wasi] }),
    describe: async (_, built) => {
      const known = await versionIn(built, program);
      const others = Object.entries((await versions?.()) ?? {});
      const said = others.filter((entry): entry is [string, string] => entry[1] !== null);
      return { versions: { ...known.versions, ...Object.fromEntries(said) } };
    },
  });
}
