import { Counter, Gauge, Registry } from 'prom-client';
import type { Trial } from '../experiment/plan.js';
import { type CellLabels, labelsOf } from '../launch/cell_labels.js';
import type { Measurement } from '../measure/measurement.js';
import type { TrialEvent } from '../measure/trial.js';
import type { Validity } from '../measure/validity.js';
import type { RunObserver } from '../run/observer.js';
import { registerMachineMetrics, registerProcessMetrics } from './machine_metrics.js';

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

/** What of a measurement is shown. */
type Figures = Pick<
  Measurement,
  'throughputPerS' | 'medianResponseMs' | 'p95ResponseMs' | 'meanPhasesMs'
>;

/** What these metrics show of a trial that is over. */
export interface TrialEnd {
  readonly validity: Validity;
  readonly measured?: { readonly measurement: Figures };
}

/**
 * What the harness knows of a run while it runs, for Prometheus. Series are labelled with the cell,
 * `system` and `workers`, never with a trial; where other axes vary, what shows a cell shows the one
 * that was measured last. Everything here is an estimate to look at: figures come from the samples.
 */
export class RunMetrics implements RunObserver {
  readonly registry = new Registry();
  private current: { readonly cell: CellLabels; stage: Stage; counted: number } | undefined;

  private readonly planned = this.gauge('enxame_run_planned_trials', 'Trials of the plan.', []);
  private readonly trials = this.counter('enxame_run_trials_total', 'Trials that are over.', [
    'verdict',
  ]);
  private readonly stages = this.gauge(
    'enxame_trial_stage',
    '1 for the stage that the current trial is in, 0 for the others.',
    ['system', 'workers', 'stage'],
  );
  private readonly samples = this.counter(
    'enxame_load_samples_total',
    'Requests that ended, wrong and failed ones included.',
    ['stage'],
  );
  private readonly throughput = this.gauge(
    'enxame_load_throughput_tasks_per_second',
    'Throughput of the current trial so far.',
  );
  private readonly response = this.gauge(
    'enxame_load_mean_response_seconds',
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
    '95th percentile of the response time of the latest valid trial of each cell.',
  );
  private readonly cellPhases = this.gauge(
    'enxame_cell_phase_seconds',
    'Mean time in each phase of the latest valid trial of each cell.',
    ['system', 'workers', 'phase'],
  );

  constructor(plan: readonly Trial[]) {
    registerMachineMetrics(this.registry);
    registerProcessMetrics(this.registry);
    this.planned.set(plan.length);
    for (const trial of plan) {
      const cell = labelsOf(trial.cell);
      for (const verdict of VALIDITIES) this.trials.inc({ ...cell, verdict }, 0);
      for (const stage of ['warm-up', 'measured']) this.samples.inc({ ...cell, stage }, 0);
    }
  }

  begin(trial: Trial): void {
    this.current = { cell: labelsOf(trial.cell), stage: 'launching', counted: 0 };
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
    if (measured && validity === 'valid') this.showCell(cell, measured.measurement);
    // What is not the case any more is not told any more.
    for (const gauge of [this.stages, this.throughput, this.response]) gauge.reset();
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
    this.cellP95.set({ ...cell }, measurement.p95ResponseMs / 1000);
    for (const [phase, ms] of Object.entries(measurement.meanPhasesMs)) {
      this.cellPhases.set({ ...cell, phase }, ms / 1000);
    }
  }

  private gauge(name: string, help: string, labelNames = ['system', 'workers']): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    const all = ['system', 'workers', ...labelNames];
    return new Counter({ name, help, labelNames: all, registers: [this.registry] });
  }
}
