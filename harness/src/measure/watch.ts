import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../experiment/cells.js';
import { hasFaults } from '../experiment/faults.js';
import type { Launched } from '../launch/launched.js';
import type { Losses } from '../launch/parts/losses.js';
import { stateOf } from '../launch/parts/proc.js';
import type { Program } from '../launch/parts/processes.js';
import type { Watched } from '../launch/parts/watched.js';
import type { LoadEvent } from './load_events.js';
import { LoadWatch } from './load_watch.js';
import { SilenceWatch } from './silence.js';

/** Between two looks at the processes, and for each of them: a look takes 20 µs, so 0.3 % of a core at most. */
const LOOK_MS = 250;
const LOOK_PER_PROCESS_MS = 6;
/** Between two questions to the coordinator. */
const ASK_MS = 1_000;
const MOST_NAMED = 4;

/**
 * Looks after a system while it is under load, and tells `losses` what it sees:
 *
 * - a process of it, or the load generator, that is stopped (SIGSTOP, a debugger), and one of the
 *   browser's that ended without the browser saying so: within a look,
 * - a worker that is silent by the rule of silence.ts: where the coordinator knows it, and no fault is
 *   injected,
 * - a load that hangs by the rules of load_watch.ts.
 *
 * What ends is an event, and told without a look (Losses.watch, Tabs.watch).
 */
export class Watch {
  private readonly stopping = new AbortController();
  private readonly silences = new SilenceWatch();
  private readonly loadWatch: LoadWatch;
  /** Milliseconds in which this process watched: not those in which it was stopped itself. */
  private watchedMs = 0;
  private tickedAtMs = performance.now();
  private restMs = LOOK_MS;
  private askedAtMs = 0;
  private processes: readonly Watched[] | undefined;

  constructor(
    private readonly launched: Launched,
    private readonly load: Program,
    private readonly cell: Cell,
    private readonly losses: Losses,
  ) {
    this.loadWatch = new LoadWatch(cell);
  }

  /** Looks until stop(). */
  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await sleep(this.restMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      this.tick();
      await this.look();
      const hangs = this.loadWatch.look(this.watchedMs);
      if (hangs !== undefined) this.losses.tell(hangs);
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
    this.loadWatch.note(event, this.watchedMs);
  }

  /** Looks at the processes. */
  async look(): Promise<void> {
    if (this.processes?.some(({ isReplaced }) => isReplaced)) this.processes = undefined;
    this.processes ??= await this.launched.processes().catch(() => undefined);
    const load = { what: this.load.title, pid: this.load.pid };
    const all: Watched[] = [load, ...(this.processes ?? [])];
    this.restMs = Math.max(LOOK_MS, LOOK_PER_PROCESS_MS * all.length);
    const states = all.flatMap((each) =>
      each.pid === undefined || each.isPaused ? [] : { each, state: stateOf(each.pid) ?? 'Z' },
    );
    for (const { each, state } of states) {
      if (each.mustLive && state === 'Z')
        this.losses.tell(`${each.what} ended ${this.losses.during}`, each.partOf);
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

  private async askWorkers(): Promise<void> {
    // Faults silence workers: the one that they are done to, and all when the coordinator is away.
    if (hasFaults(this.cell)) return;
    const due = this.watchedMs - this.askedAtMs >= ASK_MS;
    if (!due || this.launched.askWorkers === null) return;
    if (!this.loadWatch.measures || Number.isNaN(this.loadWatch.typicalMs)) return;
    // A coordinator that is too busy to say so is asked again, and one that ended is told by its end.
    const workers = await this.launched.askWorkers().catch(() => undefined);
    this.askedAtMs = this.watchedMs;
    if (workers === undefined) return;
    const { typicalMs, limitMs } = this.loadWatch;
    const silent = this.silences.look(workers, this.watchedMs, typicalMs, limitMs);
    for (const each of silent) this.losses.tell(each);
  }
}
