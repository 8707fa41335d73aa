import { cellsOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { makeTrial, type Trial } from '../experiment/plan.js';
import type { TrialRow } from '../run_folder/rows.js';
import {
  isDone,
  type LaunchesOfCell,
  nextLaunch,
  STOP_RULE,
  type StopRule,
} from '../stats/allocation.js';

/**
 * The trial that helps most towards the precision that the experiment asks for; undefined when it is
 * reached, when it asks for none, or when the trial would not end within the budget. `elapsedS` is
 * what the run has taken so far.
 */
export function nextBeyondPlan(
  experiment: Experiment,
  rows: readonly TrialRow[],
  elapsedS: number,
): Trial | undefined {
  if (experiment.stop === null) return undefined;
  const cells = cellsWithLaunches(experiment, experiment.stop, rows);
  const next = nextLaunch(
    cells.map(({ launches }) => launches),
    ruleOf(experiment.stop, experiment),
  );
  const chosen = cells.find(({ launches }) => launches === next);
  if (next === undefined || chosen === undefined) return undefined;
  if (elapsedS + next.cost_s > experiment.stop.budget_s) return undefined;
  // Numbered on from all that ran, so that no two trials share a name.
  const ended = rows.filter((row) => row.verdict !== 'interrupted');
  const index = new Set(ended.map((row) => row.trial)).size;
  return makeTrial(index, chosen.cell, chosen.lastLaunch + 1);
}

/** Whether every cell is as precise as the experiment asks; true when it asks for nothing. */
export function isPreciseEnough(experiment: Experiment, rows: readonly TrialRow[]): boolean {
  const { stop } = experiment;
  if (stop === null) return true;
  return cellsWithLaunches(experiment, stop, rows).every(({ launches }) =>
    isDone(launches, { ...ruleOf(stop, experiment), mostLaunches: Number.POSITIVE_INFINITY }),
  );
}

type Stop = NonNullable<Experiment['stop']>;

function ruleOf(stop: Stop, { repetition }: Experiment): StopRule {
  return {
    ...STOP_RULE,
    relativeHalfWidth: stop.relative_half_width,
    fewestLaunches: repetition.launches,
    mostLaunches: stop.most_launches,
  };
}

function cellsWithLaunches(experiment: Experiment, { measure }: Stop, rows: readonly TrialRow[]) {
  return cellsOf(experiment).map((cell) => ({ cell, ...launchesOf(cell.key, rows, measure) }));
}

/** The values of a cell's valid trials, what one of them takes, and the number of its last launch. */
function launchesOf(
  key: string,
  rows: readonly TrialRow[],
  measure: Stop['measure'],
): { launches: LaunchesOfCell; lastLaunch: number } {
  const own = rows.filter((row) => row.cell === key && row.verdict !== 'interrupted');
  const values = own.flatMap((row) => (row.valid && row.results ? [row.results[measure]] : []));
  const took = own.map((row) => (Date.parse(row.ended_at) - Date.parse(row.started_at)) / 1000);
  const cost_s = took.reduce((sum, s) => sum + s, 0) / Math.max(1, took.length);
  const lastLaunch = Math.max(0, ...own.map((row) => row.launch));
  return { launches: { cell: key, values, cost_s }, lastLaunch };
}
