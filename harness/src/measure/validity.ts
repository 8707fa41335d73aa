import { type Cell, inFlightOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { hasFaults, type InjectedFault } from '../experiment/faults.js';
import { transportOf } from '../experiment/systems.js';
import type { LoadResult } from './load_events.js';
import type { Measured } from './measured.js';
import type { Measurement } from './measurement.js';
import { longestSilenceMs, s } from './silence.js';
import { taskReturns } from './task_returns.js';

/**
 * What a trial's end says of it: it counts; the machine was too busy with other things; something of
 * the trial itself went wrong; it was ended from outside, and so says nothing about the system.
 */
export type Validity = 'valid' | 'noisy' | 'failed' | 'interrupted';

/** Why a trial does not count: a sentence with the value and the limit. */
export interface Problem {
  readonly validity: Exclude<Validity, 'valid'>;
  readonly because: string;
}

/**
 * What no phase can explain of a request, however short: the time in which clocks are read. A tenth
 * of it is typical.
 */
const READING_CLOCKS_MS = 1e-3;

/**
 * How long the load generator may not have run while requests were under way: a part of the measured
 * time so small that no percentile that is given can rest on it, or what a paused virtual machine
 * takes.
 */
const STOPPED_SHARE = 0.01;
const STOPPED_MS = 250;

/**
 * How late the load generator may set off on average, as a part of the response time: on an idle
 * machine it is the kernel's wake-up, a third of the shortest requests and not worth a word. In the
 * reference runs it is below a hundredth wherever it is a millisecond.
 */
const LATENESS_SHARE = 0.1;
const LATENESS_MS = 1;

/** Fewer tasks each, and chance decides who gets any. */
const FEWEST_TASKS = 10;

/** What a trial is judged by: all of it can be read from a run again. */
export interface Judged
  extends Pick<Measured, 'measurement' | 'machine' | 'attachedPages' | 'metrics'> {
  /** What was done to the system: what that did is measured, and no reason against the trial. */
  readonly injected: readonly InjectedFault[];
  readonly load: Pick<LoadResult, 'stopped_ms' | 'longest_stop_ms' | 'suspended_ms' | 'measured_s'>;
}

/** What is wrong with a trial that reached its end; nothing when it counts. */
export function judge(measured: Judged, cell: Cell, limits: Experiment['validity']): Problem[] {
  const { measurement, machine, attachedPages, load, metrics, injected } = measured;
  const failures = notInjected(injected);
  const { wrong, samples, firstError } = measurement;
  const corrupted = injected.some(({ kind }) => kind === 'corrupt');
  if (wrong > limits.wrong && !corrupted) {
    failures.push(`${wrong} wrong products (first: ${firstError || 'no details'})`);
  } else if (!hasFaults(cell)) {
    failures.push(...failedRequests(measurement, limits.failed_share));
  }
  if (samples === 0) failures.push('no request succeeded in the measured time');
  if (attachedPages !== undefined && attachedPages > 0 && !cell.attached) {
    failures.push(`${attachedPages} worker pages had a debugger attached while they were measured`);
  }
  failures.push(...stops(load));
  if (!hasFaults(cell))
    failures.push(...silentWorkers(measurement, load, cell), ...returns(metrics));
  return [
    ...failures.map((because) => ({ validity: 'failed' as const, because })),
    ...noise(measurement, machine, limits).map((because) => ({
      validity: 'noisy' as const,
      because,
    })),
  ];
}

/** What was not done says nothing of a system that stands as it was. */
function notInjected(injected: readonly InjectedFault[]): string[] {
  return injected
    .filter(({ at_s, failed }) => at_s === null || failed !== undefined)
    .map(
      ({ kind, of, failed = 'the load ended before' }) =>
        `the fault ${kind}${of === null ? '' : ` of ${of}`} was not injected as planned: ${failed}`,
    );
}

function failedRequests(
  { errors, samples, unfinished, firstError }: Measurement,
  most: number,
): string[] {
  if (errors <= most * (errors + samples + unfinished)) return [];
  const limit = most > 0 ? `, more than ${percent(most)}` : '';
  return [`${errors} failed requests${limit} (first: ${firstError})`];
}

function noise(
  measurement: Measurement,
  machine: Measured['machine'],
  limits: Experiment['validity'],
): string[] {
  const { medianUnaccountedShare, medianResponseMs, meanResponseMs, meanLatenessMs } = measurement;
  const unexplained =
    medianUnaccountedShare * medianResponseMs > READING_CLOCKS_MS ? medianUnaccountedShare : 0;
  const late = meanLatenessMs > LATENESS_MS ? meanLatenessMs / meanResponseMs : 0;
  const shares: [what: string, share: number, limit: number][] = [
    [
      'of the processor time was taken by other guests of the host',
      machine.steal,
      limits.steal_share,
    ],
    ['of the processor time was used by other programs', machine.other, limits.other_load_share],
    ['of the response time is not explained by its phases', unexplained, limits.unaccounted_share],
    [
      `of the response time is lateness of the load generator (${s(meanLatenessMs)} on average)`,
      late,
      // What may be left unexplained may also be late.
      Math.max(LATENESS_SHARE, limits.unaccounted_share),
    ],
  ];
  return shares
    .filter(([, share, limit]) => share > limit)
    .map(([what, share, limit]) => `${percent(share)} ${what}, more than ${percent(limit)}`);
}

/** What the load generator missed, it charged to the system. */
function stops({
  stopped_ms,
  longest_stop_ms,
  suspended_ms,
  measured_s,
}: Judged['load']): string[] {
  const limitMs = Math.max(STOPPED_MS, STOPPED_SHARE * measured_s * 1000);
  return [
    ...(stopped_ms > limitMs
      ? [
          `the load generator did not run for ${s(stopped_ms)} of the measured time (${s(longest_stop_ms)} at once), more than ${s(limitMs)}: it or its machine was stopped`,
        ]
      : []),
    ...(suspended_ms > STOPPED_MS
      ? [`the machine was suspended for ${s(suspended_ms)} while it was measured`]
      : []),
  ];
}

/**
 * Where every worker always has something to do, one that delivered nothing for longer than
 * silence.ts allows, or at all. Tiles of a split multiplication do not say who computed them.
 */
function silentWorkers(
  { silences, samples }: Measurement,
  { measured_s }: Judged['load'],
  cell: Cell,
): string[] {
  const busy = (inFlightOf(cell) ?? 0) >= cell.workers;
  if (!busy || cell.split !== 'none' || !transportOf(cell.system).namesWorkers) return [];
  const each = samples / cell.workers;
  if (each < FEWEST_TASKS) return [];
  const limitMs = longestSilenceMs((measured_s * 1000) / each, cell);
  const missing = cell.workers - silences.length;
  return [
    ...(missing > 0 ? [`${missing} of ${cell.workers} workers delivered no products`] : []),
    ...silences
      .filter(({ longestMs }) => longestMs > limitMs)
      .map(
        ({ worker, longestMs }) =>
          `worker ${worker} delivered no products for ${s(longestMs)} of the measured time, more than ${s(limitMs)}`,
      ),
  ];
}

function returns(metrics: string | null): string[] {
  return taskReturns(metrics ?? '').map(
    ({ reason, count }) => `${count} tasks came back without a product (${reason})`,
  );
}

/** The gravest of the problems. */
export function validityOf(problems: readonly Problem[]): Validity {
  const order: Validity[] = ['interrupted', 'failed', 'noisy'];
  return order.find((each) => problems.some(({ validity }) => validity === each)) ?? 'valid';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
