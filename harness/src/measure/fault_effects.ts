/**
 * What faults did to the requests of a trial, by its samples alone.
 *
 * Recovery: throughput is counted in steps of 0.1 s, from the fault on and up to the next fault, over a
 * window that slides ahead: a second, or as long as 20 products took before the first fault. A system is
 * disturbed where that is below 90 % of the throughput before the first fault, beginning no later than a
 * second after the fault was over; it has recovered with the first window after that which is not. So a
 * part that is not missed has recovered at once.
 */
import type { InjectedFault } from '../experiment/faults.js';
import type { Sample } from './samples.js';
import type { Window } from './window.js';

/** Requests of the measured time and after it; results/README.md says what each field means. */
export interface FaultEffects {
  readonly accepted: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  readonly lost: number;
  readonly wrong: number;
  readonly duplicated: number;
  readonly recoveries: readonly Recovery[];
}

/** After one fault, in the order of the plan; null: unknown, or not within the measured time. */
export interface Recovery {
  readonly recovered_s: number | null;
  readonly held_s: number | null;
}

const STEP_S = 0.1;
const WINDOW_S = 1;
const PRODUCTS_IN_WINDOW = 20;
const RECOVERED_SHARE = 0.9;
const GRACE_S = 1;

/** Turned away, so that it may be submitted again: no server listened, or it had no room. */
const REFUSED = /cannot connect|: (429|503): |connections are taken|is full/;
/** An answer all the same: the system gave up and says so. */
const FAILED = /has failed: |no worker could multiply|attempts; the last: /;
/** Of a WebSocket, on which answers come by themselves: an answer to a request that has had one. */
const DUPLICATED = /expected an answer to call/;

/** What the text of a failed request says of it. */
export function kindOfError(error: string): 'refused' | 'failed' | 'lost' {
  if (FAILED.test(error)) return 'failed';
  return REFUSED.test(error) ? 'refused' : 'lost';
}

/** Takes the samples of a trial one after the other, in memory that grows with its length alone. */
export class FaultEffectsCount {
  private readonly counts = {
    completed: 0,
    refused: 0,
    failed: 0,
    lost: 0,
    wrong: 0,
    duplicated: 0,
  };
  /** Products that ended in each step of the measured time. */
  private readonly products: Float64Array;
  /** By fault: when the last request ended that was under way when it began; NaN: none was. */
  private readonly heldUntilS: number[];

  constructor(
    private readonly window: Window,
    private readonly faults: readonly InjectedFault[],
  ) {
    this.products = new Float64Array(Math.ceil(window.measured_s / STEP_S));
    this.heldUntilS = faults.map(() => Number.NaN);
  }

  record({ stage, outcome, error, startMs, responseMs }: Sample): void {
    const beganS = startMs / 1000 - this.window.warm_up_s;
    const endedS = beganS + responseMs / 1000;
    for (const [i, { at_s }] of this.faults.entries()) {
      if (at_s === null || beganS > at_s || endedS < at_s) continue;
      this.heldUntilS[i] = Math.max(this.heldUntilS[i] || 0, endedS);
    }
    if (outcome === 'ok' && endedS >= 0 && endedS < this.window.measured_s) {
      const step = Math.floor(endedS / STEP_S);
      this.products[step] = (this.products[step] ?? 0) + 1;
    }
    if (stage === 'warm-up') return;
    if (outcome === 'ok') this.counts.completed++;
    else if (outcome === 'wrong') this.counts.wrong++;
    else if (outcome === 'error') this.counts[kindOfError(error)]++;
    else this.counts.lost++;
    if (DUPLICATED.test(error)) this.counts.duplicated++;
  }

  result(): FaultEffects {
    const { completed, wrong, failed, lost } = this.counts;
    const before = this.throughputBefore();
    return {
      accepted: completed + wrong + failed + lost,
      ...this.counts,
      recoveries: this.faults.map((fault, i) => ({
        recovered_s: this.recoveryOf(fault, before),
        held_s: this.heldAfter(fault, i),
      })),
    };
  }

  private heldAfter({ at_s }: InjectedFault, i: number): number | null {
    const until = this.heldUntilS[i] ?? Number.NaN;
    return at_s === null || Number.isNaN(until) ? null : until - at_s;
  }

  /** Products in each whole step before the first fault; NaN where there is none. */
  private throughputBefore(): number {
    const first = Math.min(...this.begins());
    const steps = Math.floor(Math.min(first / STEP_S, this.products.length));
    return sumOf(this.products, 0, steps) / steps;
  }

  private begins(): number[] {
    return this.faults.flatMap(({ at_s }) => (at_s === null ? [] : [at_s]));
  }

  private recoveryOf({ at_s, until_s }: InjectedFault, before: number): number | null {
    if (at_s === null || !(before > 0)) return null;
    // The step in which it begins belongs to both sides of it.
    const begin = Math.ceil(at_s / STEP_S);
    const others = this.begins().filter((other) => other > at_s);
    const end = Math.min(this.products.length, Math.floor(Math.min(...others) / STEP_S));
    const width = Math.ceil(Math.max(WINDOW_S / STEP_S, PRODUCTS_IN_WINDOW / before));
    const latest = Math.ceil(((until_s ?? at_s) + GRACE_S) / STEP_S);
    if (begin + width > end) return null;
    let disturbed = false;
    for (let step = begin; step + width <= end; step++) {
      const share = sumOf(this.products, step, step + width) / (width * before);
      if (share < RECOVERED_SHARE) {
        disturbed = true;
        continue;
      }
      if (disturbed) return step * STEP_S - at_s;
      if (step >= latest) return 0;
    }
    return disturbed ? null : 0;
  }
}

function sumOf(values: Float64Array, begin: number, end: number): number {
  return values.subarray(begin, end).reduce((sum, value) => sum + value, 0);
}
