/** What the load generator says while it works. */
export type LoadEvent =
  | { event: 'warm-up'; elapsed_s: number; samples: number; steady_workers: number }
  /** The measured window is set: when it opens and closes, on CLOCK_MONOTONIC of this machine. */
  | { event: 'window-start'; opens_monotonic_s: number; closes_monotonic_s: number }
  | {
      event: 'progress';
      elapsed_s: number;
      samples: number;
      throughput_per_s: number;
      mean_response_ms: number | null;
    }
  /** The measured window is over; what follows is the end of the requests that are in flight. */
  | { event: 'window-end'; elapsed_s: number; samples: number }
  | LoadResult;

/** What a line of its output says; undefined: it is not an event. */
export function parseEvent(line: string): LoadEvent | undefined {
  try {
    const event = JSON.parse(line) as LoadEvent;
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

/** What it says at the end. */
export interface LoadResult {
  event: 'done';
  samples: number;
  wrong: number;
  errors: number;
  measured_s: number;
  warm_up_samples: number;
  warm_up_s: number;
  steady: boolean;
  /** While requests of the window were under way: how long the load generator did not run, */
  stopped_ms: number;
  /** how long at a time, */
  longest_stop_ms: number;
  /** how long it waited for a processor, */
  starved_ms: number;
  /** and how long the machine slept. */
  suspended_ms: number;
  /** Processor seconds of the load generator, from its start. */
  cpu_s: number;
  /** How often its threads moved to another processor in the window; null: unknown. */
  migrations: number | null;
  /** How long a loop of fixed work took before and after the load. */
  clock_probe_ms: { before: number; after: number };
  /** Of an open load; null where no client ever was free. */
  lateness_ms: { p50: number; p99: number; max: number } | null;
}
