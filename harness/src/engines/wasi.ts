/** What all engines share that run the worker for WASI runtimes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../base/ask.js';
import { makeScratch, removeScratch } from '../base/scratch.js';
import type { Built } from '../systems/fields.js';
import type { Engine, EngineFacts } from './engine.js';

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

export function moduleIn(wasi: string): string {
  return join(wasi, 'stdio-worker.wasm');
}

/** The version of what setup/engine has put there, under the name that a run gives it. */
export async function versionIn(
  { engines }: Built,
  engine: string,
  name = engine,
): Promise<EngineFacts> {
  const version = await readFile(join(engines, `${engine}.version`), 'utf8').catch(() => null);
  return { versions: version === null ? {} : { [name]: version.trim() } };
}

/** What an engine makes of the module before anything is measured: of this machine and this engine, and gone with this process. */
export class AheadOfTime {
  private made: string | undefined;

  /** `compile`: what makes it, in a file of that name. */
  constructor(
    private readonly engine: string,
    private readonly file: string,
    private readonly compile: (built: Built, to: string) => readonly string[],
  ) {}

  get path(): string {
    if (this.made === undefined) throw new Error(`${this.engine} was not prepared`);
    return this.made;
  }

  readonly prepare = async (built: Built): Promise<void> => {
    if (this.made !== undefined) return;
    const made = join(makeScratchUntilExit(), this.file);
    const [program = '', ...args] = this.compile(built, made);
    const answer = await ask(program, args);
    if ('failed' in answer) {
      throw new Error(`${this.engine} cannot be prepared: ${answer.failed}`);
    }
    this.made = made;
  };
}

function makeScratchUntilExit(): string {
  const folder = makeScratch();
  process.once('exit', () => removeScratch(folder));
  return folder;
}
