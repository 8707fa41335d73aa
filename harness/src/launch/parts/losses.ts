import { memoryKills } from '../../base/cgroup.js';
import { Interrupted } from '../../base/errors.js';
import type { Program } from './processes.js';

/** More than these are counted, not named. */
const MOST_NAMED = 4;
/** What dies of one cause is told of within this: an event of a process comes through a pipe. */
const COMPANY_MS = 150;

/**
 * What was lost of a system: programs that ended, tabs that crashed, processes that were stopped,
 * workers that fell silent. Whoever sees something of that kind tells it here; whoever waits for the
 * system to do something lets it be cut short by `cutShort`. After close() nothing counts as lost:
 * then things are meant to end.
 */
export class Losses {
  /** What was lost, and what it is a part of, whose loss explains it. */
  private readonly found = new Map<string, string | undefined>();
  private readonly killsBefore: number;
  private first: () => void = () => undefined;
  private readonly any = new Promise<void>((resolve) => {
    this.first = resolve;
  });
  private open = true;
  /** For sentences of what ended: `while it was measured`. */
  during = 'before the system was ready';

  /** `kills`: how many processes the kernel has ended for want of memory. */
  constructor(private readonly kills: () => number = memoryKills) {
    this.killsBefore = kills();
  }

  /** `partOf`: how the words begin by which the loss of the whole would be told. */
  tell(what: string, partOf?: string): void {
    if (!this.open) return;
    this.found.set(what, partOf);
    this.first();
  }

  /** From now on it is a loss when this program ends without having been told to. */
  watch(program: Program): void {
    program.ended.then(
      (ending) => {
        if (!program.wasToldToEnd) this.tell(program.describeEnding(ending, this.during));
      },
      (error: Error) => this.tell(error.message),
    );
  }

  close(): void {
    this.open = false;
  }

  /**
   * What `promise` gives, unless something is lost before, or makes it fail: throws an Error that
   * names what was lost.
   */
  async cutShort<T>(promise: Promise<T>): Promise<T> {
    const explained = promise.catch(async (error: unknown) => {
      if (!(error instanceof Interrupted)) await this.throwIfAny(COMPANY_MS);
      throw error;
    });
    const lost = this.any.then(() => this.throwIfAny(COMPANY_MS));
    for (const each of [explained, lost]) each.catch(() => undefined);
    return Promise.race([explained, lost]) as Promise<T>;
  }

  /** Throws an Error that names what is lost by now, or within so many milliseconds. */
  async throwIfAny(graceMs = 0): Promise<void> {
    if (graceMs > 0) await new Promise((resolve) => setTimeout(resolve, graceMs));
    if (this.found.size > 0) throw new Error(this.describe());
  }

  /**
   * `; the kernel ended 2 processes for want of memory`, if it did since this was made: of a process
   * that got SIGKILL, nothing else says why.
   */
  memoryNote(): string {
    const kills = this.kills() - this.killsBefore;
    if (!(kills > 0)) return '';
    return `; Linux killed ${kills === 1 ? 'a process' : `${kills} processes`} because memory ran out: use fewer workers or a smaller n`;
  }

  private describe(): string {
    const whole = [...this.found.keys()];
    const all = whole.filter((what) => {
      const partOf = this.found.get(what);
      return partOf === undefined || !whole.some((other) => other.startsWith(partOf));
    });
    const more = all.length > MOST_NAMED ? `; and ${all.length - MOST_NAMED} more` : '';
    return all.slice(0, MOST_NAMED).join('; ') + more + this.memoryNote();
  }
}
