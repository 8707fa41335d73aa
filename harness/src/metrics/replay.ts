import { UsageError } from '../base/errors.js';
import { type Cell, cellsOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { makeTrial, planTrials } from '../experiment/plan.js';
import type { TrialResults, TrialRow } from '../run_folder/rows.js';
import { History, type Metric, REPEAT_MS } from './openmetrics.js';
import { OF_CURRENT_TRIAL, RunMetrics, type TrialEnd } from './run_metrics.js';

/** A run that is over. */
export interface FinishedRun {
  readonly id: string;
  readonly experiment: Experiment;
  readonly rows: readonly TrialRow[];
}

/**
 * What the harness would have told Prometheus of the run while it went on, out of the rows of its trials: the
 * same metrics under the same labels. While a trial runs, it has the throughput and the mean response time that
 * it came to in the end. When it changed from stage to stage, no row says. Throws UsageError where there are no
 * rows, or a row is of no cell of the experiment.
 */
export async function replay({ id, experiment, rows }: FinishedRun): Promise<History> {
  const cells = new Map(cellsOf(experiment).map((cell) => [cell.key, cell]));
  const metrics = new RunMetrics(planTrials(experiment), experiment);
  const history = new History({ job: 'harness', run: id });
  const [first, ...others] = [...rows].sort(byEnd);
  if (first === undefined) throw new UsageError(`${id} has no trials yet`);
  history.record(await toldNow(metrics), startOf(first));
  for (const row of [first, ...others])
    await replayTrial(row, cellOf(row, cells), metrics, history);
  return history;
}

async function replayTrial(
  row: TrialRow,
  cell: Cell,
  metrics: RunMetrics,
  history: History,
): Promise<void> {
  const { results, verdict } = row;
  const [startMs, endMs] = [startOf(row), endOf(row)];
  metrics.begin(makeTrial(row.planned_index, cell, row.launch));
  if (results !== undefined) tellSamples(metrics, results);
  const current = Object.values<string>(OF_CURRENT_TRIAL);
  const told = await toldNow(metrics);
  history.record(
    told.filter(({ name }) => current.includes(name)),
    startMs,
  );
  for (let atMs = startMs + REPEAT_MS; atMs < endMs; atMs += REPEAT_MS) history.repeat(atMs);
  const measured = results && measuredOf(results);
  metrics.end({ validity: verdict, ...(measured && { measured }) });
  history.record(await toldNow(metrics), endMs);
}

/** The last words of the load generator of a trial that came to this. */
function tellSamples(metrics: RunMetrics, results: TrialResults): void {
  const { warm_up_s, warm_up_samples, measured_s, samples } = results;
  metrics.update({
    event: 'warm-up',
    elapsed_s: warm_up_s,
    samples: warm_up_samples,
    steady_workers: 0,
  });
  metrics.update({
    event: 'progress',
    elapsed_s: measured_s,
    samples,
    throughput_per_s: numberOf(results.throughput_per_s),
    mean_response_ms: results.mean_response_ms,
  });
}

function measuredOf(results: TrialResults): NonNullable<TrialEnd['measured']> {
  return {
    measurement: {
      effectiveSamples: results.effective_samples,
      throughputPerS: numberOf(results.throughput_per_s),
      medianResponseMs: numberOf(results.median_response_ms),
      p95ResponseMs: numberOf(results.p95_response_ms),
      meanPhasesMs: results.mean_phases_ms,
      medianUnaccountedShare: numberOf(results.median_unaccounted_share),
    },
    machine: {
      steal: numberOf(results.machine_steal_share),
      other: numberOf(results.machine_other_share),
    },
  };
}

/** null stands for NaN in a file. */
function numberOf(value: number | null): number {
  return value ?? Number.NaN;
}

async function toldNow(metrics: RunMetrics): Promise<Metric[]> {
  const all = await metrics.registry.getMetricsAsJSON();
  return all.filter(({ name }) => name !== OF_CURRENT_TRIAL.stage);
}

function cellOf({ trial, cell: key }: TrialRow, cells: ReadonlyMap<string, Cell>): Cell {
  const cell = cells.get(key);
  if (cell !== undefined) return cell;
  throw new UsageError(
    `${trial}: the experiment has no cell '${key}'; expected one of ${[...cells.keys()].join(', ')}`,
  );
}

const startOf = ({ started_at }: TrialRow) => Date.parse(started_at);
const endOf = ({ ended_at }: TrialRow) => Date.parse(ended_at);
const byEnd = (a: TrialRow, b: TrialRow) => endOf(a) - endOf(b);
