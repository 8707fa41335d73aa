import type { LoadResult } from './load_events.js';
import type { Measurement } from './measurement.js';

/** What a trial that reached its end measured. */
export interface Measured {
  readonly load: LoadResult;
  readonly measurement: Measurement;
  /**
   * Of the processors that may be used, from the start of the warm-up to the end of the measurement,
   * 0 to 1. `other` is NaN where the system did not tell what it used; `throttled` null where no
   * control group has a quota.
   */
  readonly machine: {
    readonly busy: number;
    readonly steal: number;
    readonly other: number;
    readonly throttled: number | null;
  };
  /** Shares of the same time in which something waited for a resource; null: unknown. */
  readonly pressure: Readonly<Record<string, number>> | null;
  /** How long that time was, in seconds. */
  readonly observedS: number;
  /** For how long at most each client waited before it submitted, in seconds. */
  readonly jitterS: number;
  /** Processor seconds of each part of the system, over the same time. */
  readonly cpuS: Readonly<Record<string, number>>;
  /**
   * How often threads of the system moved to another processor, over the same time; null: unknown.
   */
  readonly migrations: number | null;
  /** From its start until each worker listened, or had asked for work, by its id. */
  readonly readyMs: Readonly<Record<string, number>>;
  /** What its programs told at /metrics when the load had ended; null: they did not. */
  readonly metrics: string | null;
  /** Worker pages to which something was attached; absent where there are no pages, or unknown. */
  readonly attachedPages?: number;
  /** What was not seen of all this, and why: the measurement itself does not depend on it. */
  readonly unobserved: readonly string[];
}
