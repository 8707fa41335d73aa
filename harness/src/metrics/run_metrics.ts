import { Counter, Gauge, Registry } from 'prom-client';
import type { Experiment } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import { CELL_LABELS, type CellLabels, labelsOf } from '../launch/cell_labels.js';
import type { Measured } from '../measure/measured.js';
import type { Measurement } from '../measure/measurement.js';
import type { TrialEvent } from '../measure/trial.js';
import type { Validity } from '../measure/validity.js';
import type { RunObserver } from '../run/observer.js';
import { carriesQuantile } from '../stats/quantile.js';

/** Where in its life a trial is. */
const STAGES = ['launching', 'warm-up', 'measured', 'stopping'] as const;
type Stage = (typeof STAGES)[number];

const STAGE_OF: Readonly<Record<TrialEvent['event'], Stage>> = {
  launching: 'launching',
  'warm-up': 'warm-up',
  'window-start': 'warm-up',
  progress: 'measured',
  'window-end': 'measured',
  done: 'measured',
  stopping: 'stopping',
};

const VALIDITIES: readonly Validity[] = ['valid', 'noisy', 'failed', 'interrupted'];

/** Metrics of the trial that runs; others are of cells, and stay when it ends. */
export const OF_CURRENT_TRIAL = {
  running: 'enxame_trial_running',
  stage: 'enxame_trial_stage',
  throughput: 'enxame_load_throughput_tasks_per_second',
  response: 'enxame_load_mean_response_seconds',
} as const;

/** What of a measurement is shown. */
type Figures = Pick<
  Measurement,
  | 'effectiveSamples'
  | 'throughputPerS'
  | 'medianResponseMs'
  | 'p95ResponseMs'
  | 'meanPhasesMs'
  | 'medianUnaccountedShare'
>;

/** What these metrics show of a trial that is over. */
export interface TrialEnd {
  readonly validity: Validity;
  readonly measured?: {
    readonly measurement: Figures;
    readonly machine: Pick<Measured['machine'], 'steal' | 'other'>;
  };
}

/**
 * What the harness knows of a run while it runs, for Prometheus. Series are labelled with the cell, never
 * with a trial. Everything here is an estimate to look at: figures come from the samples.
 */
export class RunMetrics implements RunObserver {
  readonly registry = new Registry();
  private current: { readonly cell: CellLabels; stage: Stage; counted: number } | undefined;

  private readonly planned = this.gauge('enxame_run_planned_trials', 'Trials of the plan.', []);
  private readonly trials = this.counter('enxame_run_trials_total', 'Trials that are over.', [
    'verdict',
  ]);
  private readonly running = this.gauge(
    OF_CURRENT_TRIAL.running,
    '1 while a trial of the cell runs.',
  );
  private readonly stages = this.gauge(
    OF_CURRENT_TRIAL.stage,
    '1 for the stage that the current trial is in, 0 for the others.',
    [...CELL_LABELS, 'stage'],
  );
  /** Of which a valid trial did not carry it: the report has none of these either. */
  private readonly cellsWithoutP95 = new Set<string>();
  private readonly samples = this.counter(
    'enxame_load_samples_total',
    'Requests that ended, wrong and failed ones included.',
    ['stage'],
  );
  private readonly throughput = this.gauge(
    OF_CURRENT_TRIAL.throughput,
    'Throughput of the current trial so far.',
  );
  private readonly response = this.gauge(
    OF_CURRENT_TRIAL.response,
    'Mean response time of the current trial so far.',
  );
  private readonly cellThroughput = this.gauge(
    'enxame_cell_throughput_tasks_per_second',
    'Throughput of the latest valid trial of each cell.',
  );
  private readonly cellMedian = this.gauge(
    'enxame_cell_median_response_seconds',
    'Median response time of the latest valid trial of each cell.',
  );
  private readonly cellP95 = this.gauge(
    'enxame_cell_p95_response_seconds',
    '95th percentile of the response time of the latest valid trial of each cell, where the samples of each of its valid trials carry it.',
  );
  private readonly cellPhases = this.gauge(
    'enxame_cell_phase_seconds',
    'Mean time in each phase of the latest valid trial of each cell.',
    [...CELL_LABELS, 'phase'],
  );
  private readonly unaccounted = this.gauge(
    'enxame_cell_unaccounted_share',
    'Median share of the response time that no phase explains, in the latest trial of each cell, valid or not.',
  );
  private readonly other = this.gauge(
    'enxame_cell_other_share',
    'Share of the processor time that other programs used, in the latest trial of each cell, valid or not.',
  );
  private readonly steal = this.gauge(
    'enxame_cell_steal_share',
    'Share of the processor time that other guests of the host took, in the latest trial of each cell, valid or not.',
  );

  constructor(
    plan: readonly Trial[],
    private readonly experiment: Experiment,
  ) {
    this.planned.set(plan.length);
    for (const trial of plan) {
      const cell = labelsOf(trial.cell, experiment);
      for (const verdict of VALIDITIES) this.trials.inc({ ...cell, verdict }, 0);
      for (const stage of ['warm-up', 'measured']) this.samples.inc({ ...cell, stage }, 0);
    }
  }

  begin(trial: Trial): void {
    const cell = labelsOf(trial.cell, this.experiment);
    this.current = { cell, stage: 'launching', counted: 0 };
    this.running.set({ ...cell }, 1);
    this.showStage();
  }

  update(event: TrialEvent): void {
    if (this.current === undefined) return;
    const { cell, stage: before } = this.current;
    const stage = STAGE_OF[event.event];
    if (stage !== before) {
      this.current.stage = stage;
      this.current.counted = 0;
      this.showStage();
    }
    if ('samples' in event) {
      const news = event.samples - this.current.counted;
      // The last word counts measured samples that ended well only: it may be the smaller number.
      if (news > 0) this.samples.inc({ ...cell, stage }, news);
      this.current.counted = Math.max(event.samples, this.current.counted);
    }
    if (event.event === 'progress') {
      this.throughput.set({ ...cell }, event.throughput_per_s);
      if (event.mean_response_ms !== null)
        this.response.set({ ...cell }, event.mean_response_ms / 1000);
    }
  }

  end({ validity, measured }: TrialEnd): void {
    if (this.current === undefined) return;
    const { cell } = this.current;
    this.trials.inc({ ...cell, verdict: validity });
    if (measured) this.showDisturbances(cell, measured);
    if (measured && validity === 'valid') this.showCell(cell, measured.measurement);
    // What is not the case any more is not told any more.
    for (const gauge of [this.running, this.stages, this.throughput, this.response]) gauge.reset();
    this.current = undefined;
  }

  private showStage(): void {
    if (this.current === undefined) return;
    const { cell, stage } = this.current;
    for (const each of STAGES) this.stages.set({ ...cell, stage: each }, each === stage ? 1 : 0);
  }

  private showCell(cell: CellLabels, measurement: Figures): void {
    // A jittered load has none.
    if (!Number.isNaN(measurement.throughputPerS))
      this.cellThroughput.set({ ...cell }, measurement.throughputPerS);
    this.cellMedian.set({ ...cell }, measurement.medianResponseMs / 1000);
    const { effectiveSamples, p95ResponseMs } = measurement;
    const key = JSON.stringify(cell);
    if (!carriesQuantile(effectiveSamples, 0.95)) this.cellsWithoutP95.add(key);
    const isWithout = this.cellsWithoutP95.has(key);
    show(this.cellP95, cell, isWithout ? undefined : p95ResponseMs / 1000);
    for (const [phase, ms] of Object.entries(measurement.meanPhasesMs)) {
      this.cellPhases.set({ ...cell, phase }, ms / 1000);
    }
  }

  private showDisturbances(
    cell: CellLabels,
    { measurement, machine }: NonNullable<TrialEnd['measured']>,
  ): void {
    show(this.unaccounted, cell, measurement.medianUnaccountedShare);
    show(this.other, cell, machine.other);
    show(this.steal, cell, machine.steal);
  }

  private gauge(name: string, help: string, labelNames: readonly string[] = CELL_LABELS): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  private counter(name: string, help: string, labelNames: readonly string[]): Counter {
    const all = [...CELL_LABELS, ...labelNames];
    return new Counter({ name, help, labelNames: all, registers: [this.registry] });
  }
}

/** What is not known of the latest trial must not be that of an earlier one. */
function show(gauge: Gauge, cell: CellLabels, value: number | undefined): void {
  if (value !== undefined && Number.isFinite(value)) gauge.set({ ...cell }, value);
  else gauge.remove({ ...cell });
}
