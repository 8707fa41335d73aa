import { join } from 'node:path';
import { firstLineOf } from '../base/ask.js';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import type { Guest, Limits } from './engine.js';
import { Prepared } from './prepared.js';
import { compiledAhead, GRANTED, moduleOf, ONE_KERNEL, versionIn } from './wasi.js';

/** In wazero, which is written in Go and compiles at start-up. */
export const wasiWazero = inProgram('wasi-wazero', 'wazero', {
  grants: () => GRANTED,
  limits: ['seconds'],
  command: (wazero, built, { program, granted, limits = {} }) => [
    ...[wazero, 'run', ...(granted === undefined ? [] : [`-mount=${granted}:${GRANTED}`])],
    ...(limits.seconds === undefined ? [] : ['-timeout', `${limits.seconds}s`]),
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
  limits: ['fuel'],
  command: wasmiRun,
  startMs: 15,
  rates: { simd: 8e8 },
});

/** Instructions are counted, of which it may execute more than it ever will. */
export const wasiWasmiFuel = inProgram('wasi-wasmi-fuel', 'wasmi', {
  grants: (folder) => folder,
  unlimited: 'wasi-wasmi',
  command: (wasmi, built, guest) =>
    wasmiRun(wasmi, built, { limits: { fuel: Number.MAX_SAFE_INTEGER }, ...guest }),
  startMs: 15,
  rates: { simd: 8e8 },
});

function wasmiRun(wasmi: string, built: Built, { program, granted, limits }: Guest): string[] {
  return [
    ...[wasmi, 'run', ...(granted === undefined ? [] : ['--dir', granted])],
    ...(limits?.fuel === undefined ? [] : ['--fuel', String(limits.fuel)]),
    moduleOf(built, program),
  ];
}

/** In WasmEdge, compiled by LLVM before anything is measured. */
export const wasiWasmedge = inWasmedge('wasi-wasmedge', ['memoryBytes'], [], () => []);

/** Instructions are counted. */
export const wasiWasmedgeGas = inWasmedge(
  'wasi-wasmedge-gas',
  ['fuel'],
  ['--enable-gas-measuring'],
  ({ fuel = Number.MAX_SAFE_INTEGER }) => ['--enable-gas-measuring', '--gas-limit', String(fuel)],
);

/** Each loop and function looks whether its time is over. */
export const wasiWasmedgeTime = inWasmedge(
  'wasi-wasmedge-time',
  ['seconds'],
  ['--interruptible'],
  ({ seconds = 86_400 }) => ['--time-limit', String(1_000 * seconds)],
);

/** With what the compiler is told for its limits, and the runtime. */
function inWasmedge<Name extends string>(
  name: Name,
  canLimit: readonly (keyof Limits)[],
  compileFlags: readonly string[],
  limitFlags: (limits: Limits) => readonly string[],
) {
  const universal = compiledAhead(name, 'program.wasm', (built, module, to) => [
    ...[join(built.engines, 'wasmedge'), 'compile', ...compileFlags, module, to],
  ]);
  return inProgram(name, 'wasmedge', {
    ...(compileFlags.length > 0 && { unlimited: 'wasi-wasmedge' }),
    limits: canLimit,
    grants: () => GRANTED,
    command: (wasmedge, _, { program, flags, granted, limits = {} }) => [
      ...[wasmedge, ...limitFlags(limits)],
      ...(granted === undefined ? [] : ['--dir', `${GRANTED}:${granted}`]),
      ...(limits.memoryBytes === undefined
        ? []
        : ['--memory-page-limit', String(Math.floor(limits.memoryBytes / 65_536))]),
      universal.path({ program, flags }),
    ],
    prepare: universal.prepare,
    startMs: 40,
    rates: { simd: 2e10 },
  });
}

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

interface Own
  extends Pick<Child<string>, 'prepare' | 'grants' | 'limits' | 'unlimited' | 'startMs' | 'rates'> {
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
