import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../experiment/cells.js';
import type { Losses } from '../launch/losses.js';
import { stateOf } from '../launch/proc.js';
import type { Program } from '../launch/processes.js';
import type { Launched } from '../launch/system.js';
import { type Watched, watchedOf } from '../launch/workshop.js';
import type { LoadEvent } from './load.js';
import { longestSilenceMs, SilenceWatch, s } from './silence.js';

/** Between two looks at the processes, and for each of them: a look takes 20 µs, so 0.3 % of a core at most. */
const LOOK_MS = 250;
const LOOK_PER_PROCESS_MS = 6;
/** Between two questions to the coordinator. */
const ASK_MS = 1_000;
const MOST_NAMED = 4;
/** After the window: the rows of its last requests, what an open load waits for those, and some more. */
const QUIET_MS = 30_000;

/**
 * Looks after a system while it is under load, and tells `losses` what it sees:
 *
 * - a process of it, or the load generator, that is stopped (SIGSTOP, a debugger), and one of the
 *   browser's that ended without the browser saying so: within a look,
 * - a worker that is silent by the rule of silence.ts: where the coordinator knows it,
 * - that no request of a closed load ends any more, or the load never ends after its window.
 *
 * What ends is an event, and told without a look (Losses.watch, Tabs.watch).
 */
export class Watch {
  private readonly stopping = new AbortController();
  private readonly silences = new SilenceWatch();
  /** Milliseconds in which this process watched: not those in which it was stopped itself. */
  private watchedMs = 0;
  private tickedAtMs = performance.now();
  private restMs = LOOK_MS;
  private askedAtMs = 0;
  private processes: readonly Watched[] | undefined;
  private typicalMs = Number.NaN;
  private progress: { samples: number; atMs: number } | undefined;
  private windowIsOver = false;
  private heardAtMs = 0;

  constructor(
    private readonly launched: Launched,
    private readonly load: Program,
    private readonly cell: Cell,
    private readonly durationS: number,
    private readonly losses: Losses,
  ) {}

  /** Looks until stop(). */
  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await sleep(this.restMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      this.tick();
      await this.look();
      this.lookAtProgress();
      await this.askWorkers();
    }
  }

  private tick(): void {
    const nowMs = performance.now();
    this.watchedMs += Math.min(nowMs - this.tickedAtMs, 2 * this.restMs);
    this.tickedAtMs = nowMs;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** What the load generator says. */
  note(event: LoadEvent): void {
    this.tick();
    this.heardAtMs = this.watchedMs;
    if (event.event === 'done') return;
    const { workers } = this.cell;
    const perWorkerMs = (1000 * workers * event.elapsed_s) / event.samples;
    if (event.event === 'warm-up') {
      if (event.samples > 0) this.typicalMs = perWorkerMs;
      return;
    }
    if (event.samples > 0) {
      this.typicalMs = Math.min(perWorkerMs, event.mean_response_ms ?? perWorkerMs);
    }
    if (this.progress?.samples !== event.samples) {
      this.progress = { samples: event.samples, atMs: this.watchedMs };
    }
    this.windowIsOver = event.elapsed_s >= this.durationS;
  }

  private get limitMs(): number {
    return longestSilenceMs(this.typicalMs, this.cell);
  }

  /** Looks at the processes. */
  async look(): Promise<void> {
    this.processes ??= await this.launched.processes().catch(() => undefined);
    const all = [...watchedOf([this.load]), ...(this.processes ?? [])];
    this.restMs = Math.max(LOOK_MS, LOOK_PER_PROCESS_MS * all.length);
    const states = all.map((each) => ({ each, state: stateOf(each.pid) ?? 'Z' }));
    for (const { each, state } of states) {
      if (each.mustLive && state === 'Z')
        this.losses.tell(`${each.what} ended ${this.losses.during}`);
    }
    const stopped = states.filter(({ state }) => /^[Tt]$/.test(state)).map(({ each }) => each);
    if (stopped.length > 0) await this.tellStopped(stopped);
  }

  private async tellStopped(stopped: readonly Watched[]): Promise<void> {
    const tabs = stopped.filter(({ isTab }) => isTab);
    const find = tabs.length > 0 ? this.launched.findDeafWorkers : null;
    const deaf = (await find?.().catch(() => undefined)) ?? [];
    // Where more do not answer than are stopped, the others are busy, and which is which is not known.
    const known = deaf.length > 0 && deaf.length === tabs.length;
    const names = [
      ...stopped.slice(0, MOST_NAMED).map(({ what }) => what),
      ...(stopped.length > MOST_NAMED ? [`${stopped.length - MOST_NAMED} more`] : []),
    ].join(', ');
    const whose = known ? ` (the tab of ${deaf.join(', ')})` : '';
    const verb = stopped.length > 1 ? 'were' : 'was';
    this.losses.tell(`${names}${whose} ${verb} stopped (SIGSTOP) ${this.losses.during}`);
  }

  private lookAtProgress(): void {
    const quietMs = this.watchedMs - this.heardAtMs;
    if (this.windowIsOver && quietMs > QUIET_MS + this.limitMs) {
      this.losses.tell(
        `the load did not end within ${s(quietMs)} after its window: some requests are never answered`,
      );
    }
    if (this.cell.inFlight === null || this.progress === undefined) return;
    const silentMs = this.watchedMs - this.progress.atMs;
    if (silentMs > this.limitMs) {
      this.losses.tell(
        `no request has ended for ${s(silentMs)}, though one takes ${s(this.typicalMs)}`,
      );
    }
  }

  private async askWorkers(): Promise<void> {
    const due = this.watchedMs - this.askedAtMs >= ASK_MS;
    if (!due || this.progress === undefined || Number.isNaN(this.typicalMs)) return;
    if (this.launched.askWorkers === null) return;
    // A coordinator that is too busy to say so is asked again, and one that ended is told by its end.
    const workers = await this.launched.askWorkers().catch(() => undefined);
    this.askedAtMs = this.watchedMs;
    if (workers === undefined) return;
    const { typicalMs, limitMs } = this;
    const silent = this.silences.look(workers, this.watchedMs, typicalMs, limitMs);
    for (const each of silent) this.losses.tell(each);
  }
}
