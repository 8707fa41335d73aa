import type { Experiment } from '../experiment/experiment.js';
import type { Environment } from '../run_folder/environment.js';
import type { TrialRow } from '../run_folder/rows.js';
import { carriesQuantile } from '../stats/quantile.js';
import { isPreciseEnough } from './stop_rule.js';
import type { CellSummary } from './summary.js';

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
  cells: readonly CellSummary[],
): string[] {
  return [
    ...invalidTrials(rows),
    ...unsteadyTrials(rows),
    ...badEndings(rows),
    ...aboutMachine(environment),
    ...aboutSources(environment),
    ...aboutClocks(rows),
    ...stolenTime(rows),
    ...throttledTime(rows),
    ...unobserved(rows),
    ...fewSamples(cells),
    ...fewLaunches(experiment),
    ...drivenPages(experiment),
    ...nonDefaultBrowsers(cells),
    ...overheldTasks(rows),
    ...notPrecise(experiment, rows),
  ];
}

function invalidTrials(rows: readonly TrialRow[]): string[] {
  return rows
    .filter((row) => !row.valid && row.verdict !== 'interrupted')
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

function aboutSources({ git }: Environment): string[] {
  const { commit, dirty, unknown_because } = git;
  if (commit === null) {
    return [
      `Which commit was measured is not known (${unknown_because ?? 'there is no checkout'}), so it cannot be built again; run a git checkout.`,
    ];
  }
  if (dirty === false) return [];
  return [
    dirty === null
      ? `Whether the checkout holds changes that commit ${commit.slice(0, 10)} does not is not known (${unknown_because}); see to it and repeat.`
      : `The checkout holds changes that commit ${commit.slice(0, 10)} does not, so it cannot be built again from that; commit them and repeat.`,
  ];
}

function aboutClocks(rows: readonly TrialRow[]): string[] {
  const set = rows.filter((row) => row.clock_jump_s !== 0);
  const suspended = rows.filter((row) => row.suspended_s !== 0);
  return [
    ...(set.length === 0
      ? []
      : [
          `The clock was set during ${list(set.map((row) => row.trial))} (by ${list(set.map((row) => `${row.clock_jump_s} s`))}); durations are right, times of day before and after do not belong together.`,
        ]),
    ...(suspended.length === 0
      ? []
      : [
          `The machine was suspended during ${list(suspended.map((row) => row.trial))}; keep it awake (systemd-inhibit) and repeat.`,
        ]),
  ];
}

function stolenTime(rows: readonly TrialRow[]): string[] {
  const worst = Math.max(0, ...rows.map((row) => row.results?.machine_steal_share ?? 0));
  if (worst <= MOST_STEAL) return [];
  const affected = rows.filter((row) => (row.results?.machine_steal_share ?? 0) > MOST_STEAL);
  return [
    `Other guests of this host took up to ${(worst * 100).toFixed(1)} % of the processor time in ${affected.length} trials; repeat on a quieter host, or with more --launches.`,
  ];
}

/** Above this, single requests are held up for tens of milliseconds. */
const MOST_THROTTLED = 0.01;

function throttledTime(rows: readonly TrialRow[]): string[] {
  const shareOf = ({ results }: TrialRow) => results?.machine_throttled_share ?? 0;
  const affected = rows.filter((row) => shareOf(row) > MOST_THROTTLED);
  if (affected.length === 0) return [];
  const worst = Math.max(...affected.map(shareOf));
  return [
    `The quota of the control group kept its programs off the processors for up to ${(worst * 100).toFixed(1)} % of their time in ${affected.length} trials, some 10 ms at once and more; raise it, or allow whole processors (cpuset) in its place.`,
  ];
}

function unobserved(rows: readonly TrialRow[]): string[] {
  const affected = rows.filter(({ valid, results }) => valid && results?.unobserved?.length);
  const [first] = affected;
  if (first === undefined) return [];
  return [
    `Not everything was seen on the side in ${list(affected.map((row) => row.trial))}, which does not touch what was measured (first: ${first.results?.unobserved?.[0]}).`,
  ];
}

function fewSamples(cells: readonly CellSummary[]): string[] {
  const few = cells.filter((cell) => !carriesQuantile(cell.fewest_samples, 0.95));
  if (few.length === 0) return [];
  return [
    `p95 of ${list(few.map((cell) => cell.cell))} is not given: it would rest on fewer than 200 samples of a launch; measure longer with --duration.`,
  ];
}

function fewLaunches({ repetition }: Experiment): string[] {
  if (repetition.launches > 1) return [];
  return [
    'With one launch of each cell there are no intervals, so small differences mean nothing; repeat with --launches 3 or more.',
  ];
}

function drivenPages({ axes, systems }: Experiment): string[] {
  const inBrowser = systems.some((system) => system.engine === 'browser');
  if (!inBrowser || !axes.attached.includes(true)) return [];
  return [
    'Playwright was attached to the worker pages (--attached), which slows each of their requests; compare with a run without it.',
  ];
}

function nonDefaultBrowsers(cells: readonly CellSummary[]): string[] {
  const affected = cells.filter((cell) => cell.non_default_browser);
  if (affected.length === 0) return [];
  return [
    `The browser of ${list(affected.map((cell) => cell.cell))} was given non-default flags, so these are not the figures of a user's browser; take those of --browser-flags none for that.`,
  ];
}

/** Of its service time. What a worker holds for longer, it computed, or had to wait for a core. */
const LONGEST_HOLD = 1.1;

function overheldTasks(rows: readonly TrialRow[]): string[] {
  const over = rows.filter(({ valid, service_ms, results }) => {
    const held_ms = results?.mean_phases_ms.compute ?? 0;
    return valid && service_ms > 0 && held_ms > LONGEST_HOLD * service_ms;
  });
  if (over.length === 0) return [];
  return [
    `Workers of ${list([...new Set(over.map((row) => row.cell))])} held tasks for more than ${LONGEST_HOLD} times their service time, so they competed for cores (time-slicing); raise --service-ms, or measure smaller matrices or fewer workers.`,
  ];
}

function notPrecise(experiment: Experiment, rows: readonly TrialRow[]): string[] {
  const { stop } = experiment;
  if (stop === null || isPreciseEnough(experiment, rows)) return [];
  const target = `± ${(stop.relative_half_width * 100).toFixed(1)} %`;
  return [
    `Not every ${stop.measure} is known to ${target}: the budget of ${stop.budget_s} s or the most launches were used up; raise stop.budget_s.`,
  ];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
