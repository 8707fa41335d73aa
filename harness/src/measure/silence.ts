/**
 * When a worker that says nothing is dead.
 *
 * What ends or is stopped is told by the system (launch/parts/losses.ts, measure/watch.ts). What hangs or
 * was frozen is not: it only delivers no more. How long a worker may do so follows from the work:
 * ten times what a task took so far, and never less than three seconds, and on top of that three times
 * the time in which nobody works on a task because it is held (service time) or because somebody asks at
 * intervals. In the reference runs, with up to 256 workers on two cores, the longest silence of 2,282
 * workers that were always busy was three times their mean one.
 *
 * Where a worker need not have anything to do (an open load, or fewer requests in flight than
 * workers), silence says nothing. There the coordinator knows more: a worker that lives holds a task
 * or asks for one.
 */
import { POLL_PERIOD_S } from '../experiment/systems.js';
import type { WorkerState } from '../launch/coordinator.js';

const SHORTEST_MS = 3_000;
const TIMES_TYPICAL = 10;
const TIMES_WAITING = 3;
/** A worker that is `silent` has not been heard of for so long, by the coordinator's rule. */
const GRACE_MS = 5_000;

/** What decides how long a task of a cell takes while nobody computes. */
interface Waiting {
  readonly serviceMs: number;
  readonly system: { readonly dispatch: string };
}

/** For how long a worker may deliver nothing where its tasks typically take so long. */
export function longestSilenceMs(typicalMs: number, { serviceMs, system }: Waiting): number {
  const waitingMs = serviceMs + (system.dispatch === 'poll' ? 1000 * POLL_PERIOD_S.dispatch : 0);
  const workingMs = Math.max(0, typicalMs - waitingMs);
  return Math.max(SHORTEST_MS, TIMES_TYPICAL * workingMs) + TIMES_WAITING * waitingMs;
}

/** Follows what a coordinator tells of its workers, look by look. */
export class SilenceWatch {
  private readonly held = new Map<
    string,
    { readonly completed: number; readonly sinceMs: number }
  >();

  /** A sentence for each worker that is dead, by a look at `nowMs`. */
  look(
    workers: readonly WorkerState[],
    nowMs: number,
    typicalMs: number,
    limitMs: number,
  ): string[] {
    return workers.flatMap((worker) => {
      const { workerId, state, lastSeenMs, completed } = worker;
      if (state === 'silent' && lastSeenMs > Math.max(GRACE_MS, limitMs)) {
        return [
          `worker ${workerId} has neither asked for a task nor held one for ${s(lastSeenMs)}`,
        ];
      }
      const before = this.held.get(workerId);
      if (state !== 'working') {
        this.held.delete(workerId);
        return [];
      }
      if (before?.completed !== completed) {
        this.held.set(workerId, { completed, sinceMs: nowMs });
        return [];
      }
      const silentMs = nowMs - before.sinceMs;
      if (silentMs <= limitMs) return [];
      return [
        `worker ${workerId} has held tasks for ${s(silentMs)} and completed none, though one takes ${s(typicalMs)}`,
      ];
    });
  }
}

/** `12 ms`, `2.4 s` */
export function s(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${(ms / 1000).toFixed(1)} s`;
}
