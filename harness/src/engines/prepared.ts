import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../base/ask.js';
import { makeScratch, removeScratch } from '../base/scratch.js';
import type { Built } from '../systems/fields.js';
import type { GuestProgram } from './engine.js';

/** Folders of what an engine has made of programs before anything is measured, one for each: of this machine, and gone with this process. */
export class Prepared {
  private readonly made = new Map<GuestProgram, Promise<string>>();
  private readonly folders = new Map<GuestProgram, string>();

  constructor(
    private readonly engine: string,
    private readonly fill: (built: Built, program: GuestProgram, folder: string) => Promise<void>,
  ) {}

  readonly prepare = async (built: Built, program: GuestProgram): Promise<void> => {
    const folder = this.made.get(program) ?? this.make(built, program);
    this.made.set(program, folder);
    this.folders.set(program, await folder);
  };

  /** Where a file of that name is, or is to be. */
  file(program: GuestProgram, name: string): string {
    const folder = this.folders.get(program);
    if (folder === undefined) throw new Error(`${this.engine} was not prepared for ${program}`);
    return join(folder, name);
  }

  private async make(built: Built, program: GuestProgram): Promise<string> {
    const folder = await mkdtemp(join(scratch(), `${this.engine}-`));
    await this.fill(built, program, folder);
    return folder;
  }
}

let folder: string | undefined;

function scratch(): string {
  if (folder === undefined) {
    const made = makeScratch();
    process.once('exit', () => removeScratch(made));
    folder = made;
  }
  return folder;
}

/** Runs what an engine is prepared by. Throws with the first line of its complaint when it fails. */
export async function runToPrepare(engine: string, command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command;
  const answer = await ask(program, args);
  if ('failed' in answer) throw new Error(`${engine} cannot be prepared: ${answer.failed}`);
}
