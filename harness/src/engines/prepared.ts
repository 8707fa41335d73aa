import { join } from 'node:path';
import { ask } from '../base/ask.js';
import { makeScratch, removeScratch } from '../base/scratch.js';
import type { Built } from '../systems/fields.js';

/** A folder of files that an engine has made before anything is measured, once: of this machine, and gone with this process. */
export class Prepared {
  private made: string | undefined;

  constructor(
    private readonly engine: string,
    private readonly fill: (built: Built, folder: string) => Promise<void>,
  ) {}

  get folder(): string {
    if (this.made === undefined) throw new Error(`${this.engine} was not prepared`);
    return this.made;
  }

  readonly prepare = async (built: Built): Promise<void> => {
    if (this.made !== undefined) return;
    const folder = makeScratch();
    process.once('exit', () => removeScratch(folder));
    await this.fill(built, folder);
    this.made = folder;
  };

  file(name: string): string {
    return join(this.folder, name);
  }
}

/** Runs what an engine is prepared by. Throws with the first line of its complaint when it fails. */
export async function runToPrepare(engine: string, command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command;
  const answer = await ask(program, args);
  if ('failed' in answer) throw new Error(`${engine} cannot be prepared: ${answer.failed}`);
}
