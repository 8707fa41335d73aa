import { join } from 'node:path';
import { firstLineOf } from '../base/ask.js';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import type { Guest } from './engine.js';
import { Prepared } from './prepared.js';
import { compiledAhead, GRANTED, moduleOf, ONE_KERNEL, versionIn } from './wasi.js';

/** In wazero, which is written in Go and compiles at start-up. */
export const wasiWazero = inProgram('wasi-wazero', 'wazero', {
  grants: () => GRANTED,
  command: (wazero, built, { program, granted }) => [
    ...[wazero, 'run', ...(granted === undefined ? [] : [`-mount=${granted}:${GRANTED}`])],
    moduleOf(built, program),
  ],
  startMs: 150,
  rates: { simd: 8e9 },
});

/** Where Wasmer keeps what it compiles. */
const kept = new Prepared('wasi-wasmer', async () => {});

/** In Wasmer, with its compiler Cranelift; what it has compiled it keeps, as it does by default. */
export const wasiWasmer = inProgram('wasi-wasmer', 'wasmer', {
  grants: () => GRANTED,
  command: (wasmer, built, { program, granted }) => [
    ...[wasmer, 'run', '--cranelift', '--wasmer-dir', kept.file(program, 'wasmer')],
    ...['--cache-dir', kept.file(program, 'cache')],
    ...(granted === undefined ? [] : ['--volume', `${granted}:${GRANTED}`]),
    moduleOf(built, program),
  ],
  prepare: kept.prepare,
  startMs: 100,
  rates: { simd: 1.4e10 },
});

/** In wasmi, an interpreter. */
export const wasiWasmi = inProgram('wasi-wasmi', 'wasmi', {
  grants: (folder) => folder,
  command: (wasmi, built, { program, granted }) => [
    ...[wasmi, 'run', ...(granted === undefined ? [] : ['--dir', granted])],
    moduleOf(built, program),
  ],
  startMs: 15,
  rates: { simd: 8e8 },
});

const universal = compiledAhead('wasi-wasmedge', 'program.wasm', (built, module, to) => [
  ...[join(built.engines, 'wasmedge'), 'compile', module, to],
]);

/** In WasmEdge, compiled by LLVM before anything is measured. */
export const wasiWasmedge = inProgram('wasi-wasmedge', 'wasmedge', {
  grants: () => GRANTED,
  command: (wasmedge, _, guest) => [
    ...[wasmedge, ...(guest.granted === undefined ? [] : ['--dir', `${GRANTED}:${guest.granted}`])],
    universal.path(guest),
  ],
  prepare: universal.prepare,
  startMs: 40,
  rates: { simd: 2e10 },
});

const translated = compiledAhead('wasi-wasm2c', 'program', (built, module, to) => [
  join(built.wasi, 'wasm2c', 'compile'),
  ...[join(built.engines, 'wasm2c'), module, to],
]);

/** A program of its own, of the C that wasm2c makes of the module, compiled before anything is measured. */
export const wasiWasm2c = inProgram('wasi-wasm2c', 'wasm2c', {
  command: (_program, _built, guest) => [translated.path(guest)],
  prepare: translated.prepare,
  startMs: 5,
  rates: { simd: 1.4e10 },
  versions: async () => ({ 'wasm2c-compiler': await firstLineOf('cc', ['--version']) }),
});

interface Own extends Pick<Child<string>, 'prepare' | 'grants' | 'startMs' | 'rates'> {
  readonly command: (path: string, built: Built, guest: Guest) => readonly string[];
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
    command: (built, guest) => command(pathIn(built), built, guest),
    files: (built) => [pathIn(built), moduleOf(built)],
    artefacts: (built) => ({ programs: { [program]: pathIn(built) }, wasm: [built.wasi] }),
    describe: async (_, built) => {
      const known = await versionIn(built, program);
      const others = Object.entries((await versions?.()) ?? {});
      const said = others.filter((entry): entry is [string, string] => entry[1] !== null);
      return { versions: { ...known.versions, ...Object.fromEntries(said) } };
    },
  });
}
