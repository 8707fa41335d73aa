import type { Trial } from '../experiment/plan.js';
import type { LoadResult } from '../measure/load.js';
import type { Measurement } from '../measure/measurement.js';
import type { Phase } from '../measure/samples.js';
import type { TrialOutcome } from '../measure/trial.js';

/**
 * One line of trials.jsonl; results/README.md says what each field means. NaN is written as null.
 */
export interface TrialRow {
  readonly trial: string;
  readonly planned_index: number;
  readonly actual_index: number;
  readonly system: string;
  readonly workers: number;
  readonly launch: number;
  readonly started_at: string;
  readonly ended_at: string;
  readonly valid: boolean;
  readonly invalid_because: string;
  readonly in_flight: number;
  readonly load_average_before: number;
  readonly endings: Readonly<Record<string, string | number>>;
  readonly samples_file: string;
  /** Absent when the trial did not come to an end. */
  readonly results?: TrialResults;
}

export interface TrialResults {
  readonly samples: number;
  readonly wrong: number;
  readonly errors: number;
  readonly steady: boolean;
  readonly warm_up_s: number;
  readonly warm_up_samples: number;
  readonly measured_s: number;
  readonly throughput_per_s: number;
  readonly median_response_ms: number;
  readonly p95_response_ms: number;
  readonly mean_response_ms: number;
  readonly compute_share: number;
  readonly mean_phases_ms: Readonly<Record<Phase, number>>;
  readonly median_closure_share: number;
  readonly machine_busy_share: number;
  readonly machine_steal_share: number;
  readonly cpu_s: Readonly<Record<string, number>>;
  readonly attached_pages: number | null;
}

/** The row of a trial that was the `actualIndex`-th to run, counted from 0. */
export function toRow(trial: Trial, actualIndex: number, outcome: TrialOutcome): TrialRow {
  const { measured } = outcome;
  return {
    trial: trial.id,
    planned_index: trial.index,
    actual_index: actualIndex,
    system: trial.system.name,
    workers: trial.workers,
    launch: trial.launch,
    started_at: outcome.startedAt.toISOString(),
    ended_at: outcome.endedAt.toISOString(),
    valid: outcome.invalidBecause === '',
    invalid_because: outcome.invalidBecause,
    in_flight: outcome.inFlight,
    load_average_before: outcome.loadAverageBefore,
    endings: outcome.endings,
    samples_file: samplesFileOf(trial),
    ...(measured && {
      results: {
        ...resultsOf(measured.load, measured.measurement),
        machine_busy_share: measured.machine.busy,
        machine_steal_share: measured.machine.steal,
        cpu_s: measured.cpuS,
        attached_pages: measured.attachedPages ?? null,
      },
    }),
  };
}

/** Where the raw samples of a trial are, within the folder of the run. */
export function samplesFileOf(trial: Trial): string {
  return `samples/${trial.id}.csv`;
}

function resultsOf(load: LoadResult, measurement: Measurement) {
  return {
    samples: measurement.samples,
    wrong: measurement.wrong,
    errors: measurement.errors,
    steady: load.steady,
    warm_up_s: load.warm_up_s,
    warm_up_samples: load.warm_up_samples,
    measured_s: load.measured_s,
    throughput_per_s: measurement.throughputPerS,
    median_response_ms: measurement.medianResponseMs,
    p95_response_ms: measurement.p95ResponseMs,
    mean_response_ms: measurement.meanResponseMs,
    compute_share: measurement.computeShare,
    mean_phases_ms: measurement.meanPhasesMs,
    median_closure_share: measurement.medianClosureShare,
  };
}
