import { join } from 'node:path';
import { ask } from '../base/ask.js';
import { makeScratch, removeScratch } from '../base/scratch.js';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import { moduleIn, ONE_KERNEL, versionIn } from './wasi.js';

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

/** Where this harness has had it compiled: machine code, of this machine and this Wasmtime. */
let compiled: string | undefined;

/** The same, compiled before anything is measured. */
export const wasiWasmtimeAot = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime-aot',
  command: (built) => {
    if (compiled === undefined) throw new Error('wasi-wasmtime-aot was not prepared');
    return [...runIn(built), '--compiled', compiled];
  },
  prepare: async (built) => {
    compiled ??= join(makeScratchUntilExit(), 'stdio-worker.cwasm');
    const [program = '', ...flags] = runIn(built);
    const compile = ['--module', moduleIn(built.wasi), '--compile-to', compiled];
    const made = await ask(program, [...flags, ...compile]);
    if ('failed' in made) throw new Error(`wasi-wasmtime-aot cannot be prepared: ${made.failed}`);
  },
  startMs: 10,
});

function makeScratchUntilExit(): string {
  const folder = makeScratch();
  process.once('exit', () => removeScratch(folder));
  return folder;
}

function runIn({ bin, engines }: Built): string[] {
  return [join(bin, 'wasmtime-run'), '--library', libraryIn(engines)];
}

function libraryIn(engines: string): string {
  return join(engines, 'libwasmtime.so');
}
