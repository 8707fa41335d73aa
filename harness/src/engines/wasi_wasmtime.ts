import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import { compiledAhead, moduleIn, ONE_KERNEL, versionIn } from './wasi.js';

/** Wasmtime, and its compiler, Cranelift. */
const WASMTIME = {
  needs: ['wasi', 'engine:wasmtime'],
  lacks: ONE_KERNEL,
  artefacts: ({ bin, engines, wasi }) => ({
    programs: { 'wasmtime-run': join(bin, 'wasmtime-run'), 'libwasmtime.so': libraryIn(engines) },
    wasm: [wasi],
  }),
  files: ({ bin, engines, wasi }) => [
    ...[join(bin, 'wasmtime-run'), libraryIn(engines), moduleIn(wasi)],
  ],
  rates: { simd: 1.4e10 },
  describe: (_, built) => versionIn(built, 'wasmtime'),
} satisfies Omit<Child<string>, 'name' | 'command' | 'startMs'>;

/** WebAssembly outside the browser, in Wasmtime, which compiles it at start-up. */
export const wasiWasmtime = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime',
  command: (built) => [...runIn(built), '--module', moduleIn(built.wasi)],
  startMs: 60,
});

const compiled = compiledAhead('wasi-wasmtime-aot', 'stdio-worker.cwasm', (built, to) => [
  ...[...runIn(built), '--module', moduleIn(built.wasi), '--compile-to', to],
]);

/** The same, compiled before anything is measured. */
export const wasiWasmtimeAot = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime-aot',
  command: (built) => [...runIn(built), '--compiled', compiled.path()],
  prepare: compiled.prepare,
  startMs: 10,
});

function runIn({ bin, engines }: Built): string[] {
  return [join(bin, 'wasmtime-run'), '--library', libraryIn(engines)];
}

function libraryIn(engines: string): string {
  return join(engines, 'libwasmtime.so');
}
