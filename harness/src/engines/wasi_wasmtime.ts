import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../base/ask.js';
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

/** The same, compiled ahead of time. */
export const wasiWasmtimeAot = childEngine({
  ...WASMTIME,
  name: 'wasi-wasmtime-aot',
  command: (built) => [...runIn(built), '--compiled', compiledIn(built.engines)],
  prepare: async (built) => {
    const compiled = compiledIn(built.engines);
    const sources = [moduleIn(built.wasi), libraryIn(built.engines)];
    if ((await timesOf([compiled])) > (await timesOf(sources))) return;
    const [program = '', ...flags] = runIn(built);
    const made = await ask(program, [
      ...flags,
      '--module',
      moduleIn(built.wasi),
      '--compile-to',
      compiled,
    ]);
    if ('failed' in made) throw new Error(`${compiled} cannot be made: ${made.failed}`);
  },
  startMs: 10,
});

function runIn({ bin, engines }: Built): string[] {
  return [join(bin, 'wasmtime-run'), '--library', libraryIn(engines)];
}

function libraryIn(engines: string): string {
  return join(engines, 'libwasmtime.so');
}

function compiledIn(engines: string): string {
  return join(engines, 'stdio-worker.cwasm');
}

/** When the last of them was changed; 0 when one is not there. */
async function timesOf(files: readonly string[]): Promise<number> {
  const times = files.map((file) =>
    stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  );
  const known = await Promise.all(times);
  return known.includes(0) ? 0 : Math.max(...known);
}
