import { messageOf } from './errors.js';

/** What has to be undone, in the reverse order of its making, however the work ends. */
export class Teardown {
  private readonly steps: { what: string; undo: () => Promise<void> }[] = [];

  add(what: string, undo: () => Promise<void>): void {
    this.steps.push({ what, undo });
  }

  /** Undoes everything, even when a step fails. Returns one sentence for each step that failed. */
  async run(): Promise<string[]> {
    const failures: string[] = [];
    for (const { what, undo } of this.steps.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        failures.push(`could not stop ${what}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}
