import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
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
  command: (built, { program, granted }) => [
    ...[...runIn(built), '--module', moduleOf(built, program), ...granting(granted)],
  ],
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

function granting(folder: string | undefined): string[] {
  return folder === undefined ? [] : ['--grant', folder];
}

function runIn({ bin, engines }: Built): string[] {
  return [join(bin, 'wasmtime-run'), '--library', libraryIn(engines)];
}

function libraryIn(engines: string): string {
  return join(engines, 'libwasmtime.so');
}
