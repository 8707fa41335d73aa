import type { Experiment } from '../experiment/experiment.js';
import type { Environment } from '../folder/environment.js';
import type { TrialRow } from '../folder/rows.js';
import { carriesQuantile } from '../stats.js';
import type { Cell } from './summary.js';

/** Steal above this moves results by more than they usually differ. */
const MOST_STEAL = 0.01;
/** Per core. A machine at rest is well below it. */
const MOST_LOAD_AVERAGE = 0.25;

/**
 * Everything that a reader of the results should know before believing them, each a sentence and
 * what to do about it.
 */
export function findWarnings(
  experiment: Experiment,
  environment: Environment,
  rows: readonly TrialRow[],
  cells: readonly Cell[],
): string[] {
  return [
    ...invalidTrials(rows),
    ...unsteadyTrials(rows),
    ...badEndings(rows),
    ...aboutMachine(environment),
    ...stolenTime(rows),
    ...fewSamples(cells),
    ...fewLaunches(experiment),
    ...drivenPages(experiment),
  ];
}

function invalidTrials(rows: readonly TrialRow[]): string[] {
  return rows
    .filter((row) => !row.valid)
    .map((row) => `Trial ${row.trial} is invalid and not in the table: ${row.invalid_because}.`);
}

function unsteadyTrials(rows: readonly TrialRow[]): string[] {
  const unsteady = rows.filter((row) => row.valid && row.results?.steady === false);
  if (unsteady.length === 0) return [];
  return [
    `The warm-up of ${list(unsteady.map((row) => row.trial))} ended before response times were steady; measure longer with --duration, or with fewer workers.`,
  ];
}

function badEndings(rows: readonly TrialRow[]): string[] {
  const valid = rows.filter((row) => row.valid);
  const bad = valid.flatMap((row) =>
    Object.entries(row.endings)
      .filter(([, ending]) => ending !== 0)
      .map(([program, ending]) => `${program} of ${row.trial} with ${ending}`),
  );
  if (bad.length === 0) return [];
  return [`Programs did not end well: ${list(bad)}; look into logs/ of the run.`];
}

function aboutMachine({ load_average, cores, governor, turbo }: Environment): string[] {
  const warnings: string[] = [];
  if (load_average > MOST_LOAD_AVERAGE * cores) {
    warnings.push(
      `The load average was ${load_average.toFixed(1)} on ${cores} cores when the run began, so other programs were running; close them and repeat.`,
    );
  }
  if (governor !== null && governor !== 'performance') {
    warnings.push(
      `The CPU governor is '${governor}', so clock rates follow the load; set it to 'performance' and repeat.`,
    );
  }
  if (turbo === true) {
    warnings.push(
      'Turbo is on, so few busy cores run faster than many; switch it off to compare worker counts.',
    );
  }
  if (turbo === null) {
    warnings.push(
      'This machine does not tell whether turbo is on, so few busy cores may run faster than many; compare systems at the same worker count.',
    );
  }
  return warnings;
}

function stolenTime(rows: readonly TrialRow[]): string[] {
  const worst = Math.max(0, ...rows.map((row) => row.results?.machine_steal_share ?? 0));
  if (worst <= MOST_STEAL) return [];
  const affected = rows.filter((row) => (row.results?.machine_steal_share ?? 0) > MOST_STEAL);
  return [
    `Other guests of this host took up to ${(worst * 100).toFixed(1)} % of the processor time in ${affected.length} trials; repeat on a quieter host, or with more --launches.`,
  ];
}

function fewSamples(cells: readonly Cell[]): string[] {
  const few = cells.filter((cell) => !carriesQuantile(cell.fewest_samples, 0.95));
  if (few.length === 0) return [];
  return [
    `p95 of ${list(few.map((cell) => `${cell.system} × ${cell.workers}`))} rests on fewer than 200 samples of a launch; measure longer with --duration.`,
  ];
}

function fewLaunches({ launches }: Experiment): string[] {
  if (launches > 1) return [];
  return [
    'With one launch of each cell there are no intervals, so small differences mean nothing; repeat with --launches 3 or more.',
  ];
}

function drivenPages({ attached }: Experiment): string[] {
  if (!attached) return [];
  return [
    'Playwright was attached to the worker pages (--attached), which slows each of their requests; compare with a run without it.',
  ];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
