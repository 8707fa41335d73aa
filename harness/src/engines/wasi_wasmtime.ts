import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import type { Guest, Limits } from './engine.js';
import { compiledAhead, GRANTED, moduleOf, ONE_KERNEL, versionIn } from './wasi.js';

/** Wasmtime, and its compiler, Cranelift. */
const WASMTIME = {
  needs: ['wasi', 'engine:wasmtime'],
  lacks: ONE_KERNEL,
  artefacts: ({ bin, engines, wasi }) => ({
    programs: { 'wasmtime-run': join(bin, 'wasmtime-run'), 'libwasmtime.so': libraryIn(engines) },
    wasm: [wasi],
  }),
  files: (built) => [
    ...[join(built.bin, 'wasmtime-run'), libraryIn(built.engines), moduleOf(built)],
  ],
  rates: { simd: 1.4e10 },
  describe: (_, built) => versionIn(built, 'wasmtime'),
  grants: () => GRANTED,
} satisfies Omit<Child<string>, 'name' | 'command' | 'startMs'>;

/** WebAssembly outside the browser, in Wasmtime, which compiles it at start-up. */
export const wasiWasmtime = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime',
  limits: ['memoryBytes', 'seconds', 'fuel'],
  command: jit,
  startMs: 60,
});

const compiled = compiledAhead('wasi-wasmtime-aot', 'program.cwasm', (built, module, to) => [
  ...[...runIn(built), '--module', module, '--compile-to', to],
]);

/** The same, compiled before anything is measured. */
export const wasiWasmtimeAot = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime-aot',
  command: (built, guest) => [
    ...[...runIn(built), '--compiled', compiled.path(guest), ...granting(guest.granted)],
  ],
  prepare: compiled.prepare,
  startMs: 10,
});

function jit(built: Built, { program, granted, limits = {} }: Guest): string[] {
  const { memoryBytes, seconds, fuel } = limits;
  return [
    ...[...runIn(built), '--module', moduleOf(built, program), ...granting(granted)],
    ...(memoryBytes === undefined ? [] : ['--max-memory', String(memoryBytes)]),
    ...(seconds === undefined ? [] : ['--time-limit', `${seconds}s`]),
    ...(fuel === undefined ? [] : ['--fuel', String(fuel)]),
  ];
}

/** With a limit that nothing here comes near: what it costs to have it. */
function limited<Name extends string>(name: Name, limits: Limits) {
  return childEngine({
    ...WASMTIME,
    name,
    unlimited: 'wasi-wasmtime',
    command: (built, guest) => jit(built, { limits, ...guest }),
    startMs: 60,
  });
}

/** Instructions are counted. */
export const wasiWasmtimeFuel = limited('wasi-wasmtime-fuel', { fuel: Number.MAX_SAFE_INTEGER });

/** Each loop and function looks whether its time is over. */
export const wasiWasmtimeEpochs = limited('wasi-wasmtime-epochs', { seconds: 86_400 });

/** Each growth of its memory is asked for. */
export const wasiWasmtimeMemory = limited('wasi-wasmtime-memory', { memoryBytes: 2 ** 32 });

function granting(folder: string | undefined): string[] {
  return folder === undefined ? [] : ['--grant', folder];
}

function runIn({ bin, engines }: Built): string[] {
  return [join(bin, 'wasmtime-run'), '--library', libraryIn(engines)];
}

function libraryIn(engines: string): string {
  return join(engines, 'libwasmtime.so');
}
