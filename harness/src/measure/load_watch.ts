/**
 * When a load hangs, by what the load generator tells of it (docs/wire.md, Programs): no request of a
 * closed load ends any more, or the load does not end after its window. Time is what the caller says.
 */
import { type Cell, inFlightOf } from '../experiment/cells.js';
import { hasFaults } from '../experiment/faults.js';
import type { LoadEvent } from './load_events.js';
import { longestSilenceMs, s } from './silence.js';

/** After the window: the rows of its last requests, what an open load waits for those, and some more. */
const QUIET_MS = 30_000;

/** Follows one load. */
export class LoadWatch {
  /** What a task takes a worker; NaN before one has ended. */
  typicalMs = Number.NaN;
  private warmUp = { elapsedS: 0, samples: 0 };
  private lastAdvance: { samples: number; atMs: number } | undefined;
  private windowIsOver = false;
  private heardAtMs = 0;

  constructor(private readonly cell: Cell) {}

  /** For how long a worker may deliver nothing. */
  get limitMs(): number {
    return longestSilenceMs(this.typicalMs, this.cell);
  }

  /** Whether the measured window has begun. */
  get measures(): boolean {
    return this.lastAdvance !== undefined;
  }

  note(event: LoadEvent, nowMs: number): void {
    this.heardAtMs = nowMs;
    switch (event.event) {
      case 'warm-up':
        this.warmUp = { elapsedS: event.elapsed_s, samples: event.samples };
        this.typicalMs = this.perWorkerMs(event.elapsed_s, event.samples);
        return;
      case 'progress':
        if (!this.windowIsOver) this.noteAdvance(event, nowMs);
        return;
      case 'window-end':
        this.windowIsOver = true;
        return;
      case 'window-start':
      case 'done':
        return;
    }
  }

  /** A sentence when the load hangs. */
  look(nowMs: number): string | undefined {
    return this.windowIsOver ? this.lookAtEnd(nowMs) : this.lookAtWindow();
  }

  private noteAdvance(event: LoadEvent & { event: 'progress' }, nowMs: number): void {
    // Of tasks that end at the same time, some begin the window: by itself it would tell of too short
    // ones, so it counts together with the warm-up.
    const elapsedS = this.warmUp.elapsedS + event.elapsed_s;
    const perWorkerMs = this.perWorkerMs(elapsedS, this.warmUp.samples + event.samples);
    if (event.samples > 0) {
      this.typicalMs = Math.min(perWorkerMs, event.mean_response_ms ?? perWorkerMs);
    }
    if (this.lastAdvance?.samples !== event.samples) {
      this.lastAdvance = { samples: event.samples, atMs: nowMs };
    }
  }

  private perWorkerMs(elapsedS: number, samples: number): number {
    return samples > 0 ? (1000 * this.cell.workers * elapsedS) / samples : Number.NaN;
  }

  /** As far as it was told: a load generator that waits for a processor tells of nothing. */
  private lookAtWindow(): string | undefined {
    if (this.cell.inFlight === null || this.lastAdvance === undefined) return undefined;
    // Faults may well keep all requests for a while; should that not end, the deadline of the load does.
    if (hasFaults(this.cell)) return undefined;
    const silentMs = this.heardAtMs - this.lastAdvance.atMs;
    if (!(silentMs > this.limitMs)) return undefined;
    return `no request has ended for ${s(silentMs)}, though one takes ${s(this.typicalMs)}`;
  }

  /** Nothing is told of the requests that a closed load still has in flight: they take turns. */
  private lookAtEnd(nowMs: number): string | undefined {
    const turns = Math.max(1, (inFlightOf(this.cell) ?? 0) / this.cell.workers);
    const quietMs = nowMs - this.heardAtMs;
    // Where no task has ended yet, the deadline of the load ends it (load.ts).
    if (!(quietMs > QUIET_MS + turns * this.limitMs)) return undefined;
    return `the load did not end within ${s(quietMs)} after its window: some requests are never answered`;
  }
}
