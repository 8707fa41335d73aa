import type { Sample } from './samples.js';
import type { Window } from './window.js';

/**
 * Counts right products of a window. Of a closed load each counts with the part of its response time
 * that lies within the window, wherever it began and ended. Wherever the window opens, whole ones
 * come in steps: one of 2.9 response times would hold 2 of them, or 3.
 * Of an open load, whose window falls anywhere, those that came back within it.
 */
export class ProductCount {
  private readonly startMs: number;
  private readonly endMs: number;
  private products = 0;

  constructor(private readonly window: Window) {
    this.startMs = 1000 * window.warm_up_s;
    this.endMs = this.startMs + 1000 * window.measured_s;
  }

  /** Takes a request that ended well. */
  record({ startMs, responseMs }: Pick<Sample, 'startMs' | 'responseMs'>): void {
    const endedMs = startMs + responseMs;
    if (this.window.open) {
      if (endedMs >= this.startMs && endedMs < this.endMs) this.products++;
      return;
    }
    const withinMs = Math.min(endedMs, this.endMs) - Math.max(startMs, this.startMs);
    if (withinMs > 0) this.products += withinMs / responseMs;
  }

  /** NaN where clients waited before they submitted: that is no throughput of the system. */
  get perS(): number {
    return this.window.jitter_s ? Number.NaN : this.products / this.window.measured_s;
  }
}
