import { columnsOf, fit, widthOf } from '../base/terminal.js';
import { expectedSeconds } from '../experiment/eta.js';
import type { Experiment } from '../experiment/experiment.js';
import type { InjectedFault } from '../experiment/faults.js';
import type { Trial } from '../experiment/plan.js';
import type { EndedTrial, TrialEvent } from '../measure/trial.js';
import type { RunObserver } from '../run/observer.js';
import type { TrialRow } from '../run_folder/rows.js';
import { estimateOfPositive } from '../stats/estimate.js';
import { mean } from '../stats/moments.js';

/** Where progress goes: a terminal, or anything else that takes lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Tells how a run goes: on a terminal one line that is kept up to date, elsewhere one line for each
 * trial. The estimate of what is left comes from the trials so far.
 */
export class Progress implements RunObserver {
  private readonly interactive: boolean;
  private readonly bold: (text: string) => string;
  private current: { trial: Trial; sinceMs: number } | undefined;
  private readonly trials: readonly Trial[];
  private readonly finished: { trial: Trial; tookMs: number }[] = [];

  constructor(
    private readonly output: ProgressOutput,
    private readonly experiment: Experiment,
    plan: readonly Trial[],
    /** Of earlier sessions. */
    private readonly earlier: readonly TrialRow[],
    private readonly now: () => number,
    env: NodeJS.ProcessEnv,
  ) {
    const done = new Set(
      earlier.filter((row) => row.verdict !== 'interrupted').map((row) => row.trial),
    );
    this.trials = plan.filter((trial) => !done.has(trial.id));
    this.interactive = output.isTTY === true && env['TERM'] !== 'dumb';
    const coloured = this.interactive && !env['NO_COLOR'];
    this.bold = coloured ? (text) => `\x1b[1m${text}\x1b[22m` : (text) => text;
  }

  begin(trial: Trial): void {
    this.current = { trial, sinceMs: this.now() };
  }

  update(event: TrialEvent): void {
    if (this.interactive && this.current) this.redraw(this.current.trial, describe(event));
  }

  /** `ofCell`: the rows of its cell so far, its own included. */
  end(ended: EndedTrial, ofCell: readonly TrialRow[]): void {
    if (this.current === undefined) return;
    const { trial, sinceMs } = this.current;
    this.finished.push({ trial, tookMs: this.now() - sinceMs });
    this.current = undefined;
    // On a terminal only what must not be missed stays.
    if (this.interactive && ended.invalidBecause === '') return;
    this.clear();
    const line = `${this.prefix(trial, 0)} ${describeEnd(ended)}${soFar(ofCell)}, ${this.remaining()}`;
    this.output.write(`${line}\n`);
  }

  /** Removes the line, so that something else can be written. */
  clear(): void {
    if (this.interactive) this.output.write('\r\x1b[K');
  }

  private redraw(trial: Trial, what: string): void {
    const tail = `${what}, ${this.remaining()}`;
    const head = this.prefix(trial, 1);
    const width = columnsOf(this.output) - 1;
    const room = width - widthOf(head) - 1;
    const rest = room > 0 ? ` ${fit(tail, room)}` : '';
    this.output.write(`\r\x1b[K${this.bold(fit(head, width))}${rest}`);
  }

  /** `[ 5/12] rest-wasm w4:` */
  private prefix({ cell }: Trial, running: number): string {
    const before = new Set(this.earlier.map((row) => row.trial)).size;
    const current = before + this.finished.length + running;
    // A stop rule may add trials to the plan.
    const total = String(Math.max(before + this.trials.length, current));
    return `[${String(current).padStart(total.length)}/${total}] ${cell.key}:`;
  }

  private remaining(): string {
    const open = this.trials.slice(this.finished.length);
    const expectedMs = open.map((trial) => this.expectedMs(trial));
    const spentMs = this.current ? this.now() - this.current.sinceMs : 0;
    const totalMs = expectedMs.reduce((sum, each) => sum + each, 0);
    const leftMs = totalMs - Math.min(spentMs, expectedMs[0] ?? 0);
    if (open.length === 0) return 'done';
    return leftMs < 1000 ? 'almost done' : `about ${clock(leftMs)} left`;
  }

  /** What a trial will take, going by those of the same system that have ended. */
  private expectedMs({ cell }: Trial): number {
    const guess = (of: Trial['cell']) => expectedSeconds(of, this.experiment) * 1000;
    const alike = this.finished.filter(({ trial }) => trial.cell.system.name === cell.system.name);
    if (alike.length === 0) return guess(cell);
    return guess(cell) * mean(alike.map(({ trial, tookMs }) => tookMs / guess(trial.cell)));
  }
}

/** `0:42`, `12:05`, `1:02:03`. */
export function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function describe(event: TrialEvent): string {
  switch (event.event) {
    case 'launching':
      return 'launching';
    case 'warm-up':
      return `warming up, ${event.samples} tasks, ${event.steady_workers} workers steady`;
    case 'window-start':
      return 'measuring';
    case 'progress':
      return `measuring, ${rate(event.throughput_per_s)}`;
    case 'window-end':
      return 'measured, waiting for the last tasks';
    case 'done':
      return 'measured';
    case 'stopping':
      return 'stopping';
  }
}

function describeEnd({ invalidBecause, measured, injected = [] }: EndedTrial): string {
  if (invalidBecause !== '') return `INVALID: ${invalidBecause}`;
  if (measured === undefined) return 'nothing measured';
  const { throughputPerS, medianResponseMs } = measured.measurement;
  const median = `median ${short(medianResponseMs)} ms`;
  // A jittered load has no throughput.
  const measures = Number.isNaN(throughputPerS) ? [median] : [rate(throughputPerS), median];
  return [...measures, ...injected.map(describeFault)].join(', ');
}

/** `kill of swarm-worker-1 at 4.002 s` */
function describeFault({ kind, part, at_s }: InjectedFault): string {
  const whom = part === null ? '' : ` of ${part}`;
  return `${kind}${whom} at ${at_s === null ? '?' : at_s.toFixed(3)} s`;
}

function rate(perS: number): string {
  return `${perS < 100 ? short(perS) : perS.toFixed(0)} tasks/s`;
}

/** `, launches so far 4.10 ± 0.21 ms`: the running estimate of the median. */
function soFar(ofCell: readonly TrialRow[]): string {
  const medians = ofCell.flatMap(({ valid, results }) =>
    valid && results !== undefined ? [results.median_response_ms] : [],
  );
  const { value, low, high } = estimateOfPositive(medians);
  if (low === undefined || high === undefined) return '';
  return ` (${medians.length} launches: ${short(value)} ± ${short((high - low) / 2)} ms)`;
}

/** Three significant digits, without an exponent. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
