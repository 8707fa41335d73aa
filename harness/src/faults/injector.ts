import { setMaxListeners } from 'node:events';
import { messageOf } from '../base/errors.js';
import type { Fault, FaultPlan, InjectedFault } from '../experiment/faults.js';
import { FAULTS } from './all.js';
import type { ExtraLoad, Handles } from './handles.js';

/** Injects the faults of a plan, each at its time, and notes when each really began and was over. */
export class Injector {
  private readonly ending = new AbortController();
  private injecting: readonly Promise<InjectedFault>[] | undefined;

  constructor(
    private readonly plan: FaultPlan,
    private readonly handles: Handles,
  ) {
    // Each client of a fault listens.
    setMaxListeners(0, this.ending.signal);
  }

  /** The measured time begins `opensS` after the machine did, by CLOCK_MONOTONIC. */
  begin(opensS: number): void {
    this.injecting ??= this.plan.map((fault) => this.inject(fault, opensS));
  }

  /** Ends what still lasts, and returns what was done, in the order of the plan, when all of it is undone. */
  async end(): Promise<InjectedFault[]> {
    this.ending.abort();
    return Promise.all(this.injecting ?? this.plan.map(notInjected));
  }

  private async inject(fault: Fault, opensS: number): Promise<InjectedFault> {
    const { signal } = this.ending;
    const leftS = () => opensS + fault.at_s - monotonicSeconds();
    // A timer may be up to a millisecond early.
    while (leftS() > 0 && !signal.aborted) await lasts(leftS(), signal);
    if (signal.aborted) return notInjected(fault);
    const since = () => monotonicSeconds() - opensS;
    const begun = { ...notInjected(fault), part: this.nameOf(fault), at_s: since() };
    let load: ExtraLoad | undefined;
    try {
      await FAULTS[fault.kind]({
        fault,
        handles: this.handles,
        signal,
        lasts: (seconds) => lasts(seconds, signal),
        note: (noted) => {
          load = noted;
        },
      });
      const isOver = !signal.aborted && hasEnd(fault);
      return { ...begun, until_s: isOver ? since() : null, ...(load && { load }) };
    } catch (error) {
      return { ...begun, failed: messageOf(error) };
    }
  }

  private nameOf({ of }: Fault): string | null {
    try {
      return of === undefined ? null : this.handles.part(of).name;
    } catch {
      return null;
    }
  }
}

function notInjected({ kind, of, at_s }: Fault): InjectedFault {
  return { kind, of: of ?? null, part: null, planned_s: at_s, at_s: null, until_s: null };
}

/** What was killed for good does not come back, and a corrupted worker stays corrupted. */
function hasEnd({ for_s, restart_after_s }: Fault): boolean {
  return for_s !== undefined || restart_after_s !== undefined;
}

/** CLOCK_MONOTONIC, as the load generator reads it. */
function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

function lasts(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || seconds <= 0) return resolve();
    const timer = setTimeout(done, 1000 * seconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
