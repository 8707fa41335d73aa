import type { Elapsed } from '../base/clocks.js';
import { type RowValues, rowValuesOf } from '../experiment/axis_rows.js';
import type { InjectedFault } from '../experiment/faults.js';
import type { Trial } from '../experiment/plan.js';
import { runsInBrowser } from '../experiment/systems.js';
import { browserArguments } from '../launch/browser/browser_flags.js';
import type { FaultEffects } from '../measure/fault_effects.js';
import type { LevelShift } from '../measure/level_shift.js';
import type { LoadResult } from '../measure/load_events.js';
import type { MeanPhases, Measurement, WorkerMoments } from '../measure/measurement.js';
import { repeatedAttempts } from '../measure/task_returns.js';
import type { EndedTrial } from '../measure/trial.js';
import type { Validity } from '../measure/validity.js';
import type { FileRecord } from './hash.js';

/**
 * One line of trials.jsonl, with a field for each axis; results/README.md says what each field means. NaN is
 * written as null.
 */
export interface TrialRow extends RowValues {
  readonly trial: string;
  readonly cell: string;
  readonly planned_index: number;
  readonly actual_index: number;
  /** From 1; counts up when an interrupted trial is run again. */
  readonly attempt: number;
  readonly system: string;
  /** What the harness told the browser; null where there is none. */
  readonly browser_arguments: readonly string[] | null;
  readonly launch: number;
  /** With which trial it ran at the same time, and on which processors; absent where it ran alone. */
  readonly duet?: Duet;
  readonly started_at: string;
  readonly ended_at: string;
  /** By the monotonic clock, which stands still while the machine is suspended. */
  readonly took_s: number;
  /** How far the time of day was set meanwhile; 0 when it was not. */
  readonly clock_jump_s: number;
  readonly suspended_s: number;
  readonly valid: boolean;
  readonly verdict: Validity;
  readonly invalid_because: string;
  readonly load_average_before: number;
  /** Absent where the cell has no plan of faults. */
  readonly injected_faults?: readonly InjectedFault[];
  readonly endings: Readonly<Record<string, string | number>>;
  readonly files: readonly FileRecord[];
  /** Absent when the trial did not come to an end. */
  readonly results?: TrialResults;
}

export interface TrialResults {
  readonly samples: number;
  readonly effective_samples: number;
  readonly wrong: number;
  readonly errors: number;
  /** Absent: none. */
  readonly refused?: number;
  readonly unfinished: number;
  readonly steady: boolean;
  readonly warm_up_s: number;
  readonly warm_up_samples: number;
  readonly measured_s: number;
  readonly throughput_per_s: number;
  readonly median_response_ms: number;
  readonly p95_response_ms: number;
  readonly mean_response_ms: number;
  readonly first_response_ms: number;
  readonly compute_share: number;
  readonly mean_phases_ms: MeanPhases;
  readonly mean_clock_error_ms: number;
  readonly median_unaccounted_share: number;
  readonly p99_unaccounted_share: number;
  readonly workers: readonly WorkerMoments[];
  readonly level_shift: LevelShift | null;
  /** Absent where the cell has no plan of faults, like what follows. */
  readonly fault_effects?: FaultEffects;
  readonly repeated_attempts?: number | null;
  readonly machine_busy_share: number;
  readonly machine_steal_share: number;
  readonly machine_other_share: number;
  readonly machine_throttled_share: number | null;
  readonly stopped_ms: number;
  readonly starved_ms: number;
  readonly suspended_ms: number;
  readonly lateness_ms: LoadResult['lateness_ms'];
  readonly unobserved: readonly string[];
  readonly pressure: Readonly<Record<string, number>> | null;
  readonly cpu_s: Readonly<Record<string, number>>;
  readonly observed_s: number | null;
  readonly jitter_s: number;
  /** Absent from older rows, like what follows. */
  readonly migrations?: Migrations;
  readonly clock_probe_ms?: LoadResult['clock_probe_ms'];
  readonly ready_ms?: Readonly<Record<string, number>>;
  readonly attached_pages: number | null;
}

export interface Duet {
  readonly partner: string;
  readonly processors: readonly number[];
}

/** How often threads moved to another processor; null: unknown. */
export interface Migrations {
  readonly system: number | null;
  readonly load_generator: number | null;
}

/** Which line of trials.jsonl this is, beside what the trial came to. */
export interface Place {
  /** Counted from 0. */
  readonly actualIndex: number;
  readonly attempt: number;
  readonly duet?: Duet;
}

/** The row of a trial that ran. */
export function toRow(
  trial: Trial,
  { actualIndex, attempt, duet }: Place,
  ended: EndedTrial & Elapsed,
  files: readonly FileRecord[],
): TrialRow {
  const { measured } = ended;
  const { cell } = trial;
  return {
    trial: trial.id,
    cell: cell.key,
    planned_index: trial.index,
    actual_index: actualIndex,
    attempt,
    system: cell.system.name,
    ...rowValuesOf(cell),
    browser_arguments: runsInBrowser(cell.system) ? browserArguments(cell.browserFlags) : null,
    launch: trial.launch,
    ...(duet && { duet }),
    started_at: ended.startedAt.toISOString(),
    ended_at: ended.endedAt.toISOString(),
    took_s: ended.tookS,
    clock_jump_s: ended.clockJumpS,
    suspended_s: ended.suspendedS,
    valid: ended.validity === 'valid',
    verdict: ended.validity,
    invalid_because: ended.invalidBecause,
    load_average_before: ended.loadAverageBefore,
    ...(ended.injected && { injected_faults: ended.injected }),
    endings: ended.endings,
    files,
    ...(measured && {
      results: {
        ...resultsFrom(measured.measurement),
        ...resultsOf(measured.load),
        ...(ended.injected && { repeated_attempts: repeatedAttempts(measured.metrics) }),
        machine_busy_share: measured.machine.busy,
        machine_steal_share: measured.machine.steal,
        machine_other_share: measured.machine.other,
        machine_throttled_share: measured.machine.throttled,
        pressure: measured.pressure,
        cpu_s: measured.cpuS,
        observed_s: measured.observedS,
        jitter_s: measured.jitterS,
        migrations: { system: measured.migrations, load_generator: measured.load.migrations },
        clock_probe_ms: measured.load.clock_probe_ms,
        ready_ms: measured.readyMs,
        attached_pages: measured.attachedPages ?? null,
        unobserved: measured.unobserved,
      },
    }),
  };
}

/** The figures of a trial that follow from its samples. */
export function resultsFrom(measurement: Measurement) {
  return {
    samples: measurement.samples,
    effective_samples: measurement.effectiveSamples,
    wrong: measurement.wrong,
    errors: measurement.errors,
    ...(measurement.refused > 0 && { refused: measurement.refused }),
    unfinished: measurement.unfinished,
    throughput_per_s: measurement.throughputPerS,
    median_response_ms: measurement.medianResponseMs,
    p95_response_ms: measurement.p95ResponseMs,
    mean_response_ms: measurement.meanResponseMs,
    first_response_ms: measurement.firstResponseMs,
    compute_share: measurement.computeShare,
    mean_phases_ms: measurement.meanPhasesMs,
    mean_clock_error_ms: measurement.meanClockErrorMs,
    median_unaccounted_share: measurement.medianUnaccountedShare,
    p99_unaccounted_share: measurement.p99UnaccountedShare,
    workers: measurement.workers,
    level_shift: measurement.levelShift,
    ...(measurement.faultEffects && { fault_effects: measurement.faultEffects }),
  };
}

/** Those that only the load generator knows. */
function resultsOf(load: LoadResult) {
  const { steady, warm_up_s, warm_up_samples, measured_s } = load;
  const { stopped_ms, starved_ms, suspended_ms, lateness_ms } = load;
  return {
    ...{ steady, warm_up_s, warm_up_samples, measured_s },
    ...{ stopped_ms, starved_ms, suspended_ms, lateness_ms },
  };
}

/** The path, within the folder of the run, of a file of one attempt at a trial. */
export function fileOf(
  trial: Trial,
  attempt: number,
  kind: 'samples' | 'histogram' | 'metrics',
): string {
  const name = attempt === 1 ? trial.id : `${trial.id}-a${attempt}`;
  const files = {
    samples: `samples/${name}.csv.gz`,
    histogram: `histograms/${name}.hlog`,
    metrics: `metrics/${name}.prom.gz`,
  };
  return files[kind];
}
