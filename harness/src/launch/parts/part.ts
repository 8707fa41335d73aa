/** Under which name of `cpu_s` the processor time of a part is counted. */
export type Role = 'coordinator' | 'front' | 'workers' | 'browser';

/**
 * One thing that was launched, and what can be done to it: alike for a process, a browser and a tab.
 * What is done through it is meant, and so no loss (losses.ts) of the system.
 */
export interface Part {
  /** Unique in a launch: `coordinator`, `matmul-worker-2`, `browser`, `tab of w3`. */
  readonly name: string;
  /** null: its processor time is a share of another part's. */
  readonly role: Role | null;
  /** The worker that it is; null: it is none. */
  readonly workerId: string | null;
  /** From when it was first started until it listened, or had asked for work. */
  readonly ready: Readiness;
  /** Processor time used so far, in all its lives. Throws when it has ended by itself. */
  cpuSeconds(): Promise<number>;
  /** It computes nothing until resume(), and does not notice. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it the way it is meant to end. */
  stop(): Promise<unknown>;
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>;
  /** Ends it, unless it has ended, and starts it again: on the ports that it had, under its name. */
  restart(): Promise<void>;
}

/** A moment that comes once. Whoever sees it says so. */
export class Readiness {
  /** Milliseconds until it came. */
  readonly after: Promise<number>;
  private readonly sinceMs = performance.now();
  private settle: (ms: number) => void = () => undefined;

  /** Counts from now. */
  constructor() {
    this.after = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** `atMs`: when, by performance.now(). */
  reached(atMs = performance.now()): void {
    this.settle(atMs - this.sinceMs);
  }
}

/** Processor time used so far, by role. */
export async function cpuSecondsOf(parts: readonly Part[]): Promise<Record<string, number>> {
  const counted = parts.filter(({ role }) => role !== null);
  const seconds = await Promise.all(counted.map((part) => part.cpuSeconds()));
  const sums: Record<string, number> = {};
  for (const [i, { role }] of counted.entries()) {
    if (role !== null) sums[role] = (sums[role] ?? 0) + (seconds[i] ?? 0);
  }
  return sums;
}

/** Milliseconds until each worker that is ready by now was, by its id. */
export async function readyTimesOf(parts: readonly Part[]): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { workerId, ready } of parts) {
    const ms = await Promise.race([ready.after, undefined]);
    if (workerId !== null && ms !== undefined) times[workerId] = ms;
  }
  return times;
}
