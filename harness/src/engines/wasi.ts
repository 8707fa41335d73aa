/** What all engines share that run the worker for WASI runtimes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import type { Engine, EngineFacts, Guest, GuestProgram, Guests } from './engine.js';
import { Prepared, runToPrepare } from './prepared.js';

const BECAUSE =
  'stdio-worker.wasm, which every WASI runtime gets, is built with the kernel simd alone';

/** Kernels that it has not. */
export const ONE_KERNEL: Engine['lacks'] = {
  origin: BECAUSE,
  naive: BECAUSE,
  blocked: BECAUSE,
  'simd-128': BECAUSE,
  relaxed: BECAUSE,
  'relaxed-wide': BECAUSE,
  blas: BECAUSE,
};

export function moduleOf({ wasi }: Built, program: GuestProgram = 'stdio-worker'): string {
  return join(wasi, `${program}.wasm`);
}

/** The name that such an engine gives a folder that it is told to grant. */
export const GRANTED = '/granted';

/** The version of what setup/engine has put there, under the name that a run gives it. */
export async function versionIn(
  { engines }: Built,
  engine: string,
  name = engine,
): Promise<EngineFacts> {
  const version = await readFile(join(engines, `${engine}.version`), 'utf8').catch(() => null);
  return { versions: version === null ? {} : { [name]: version.trim() } };
}

/** The file that an engine makes of a module, by this command. */
export function compiledAhead(
  engine: string,
  file: string,
  compile: (built: Built, module: string, to: string) => readonly string[],
): { readonly path: (guest: Guest) => string; readonly prepare: Guests['prepare'] } {
  const prepared = new Prepared(engine, (built, program, folder) =>
    runToPrepare(engine, compile(built, moduleOf(built, program), join(folder, file))),
  );
  return { path: ({ program }) => prepared.file(program, file), prepare: prepared.prepare };
}
