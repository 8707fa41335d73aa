import type { Experiment } from '../experiment/experiment.js';
import { hasFaults } from '../experiment/faults.js';
import { runsInBrowser } from '../experiment/systems.js';
import { isShift } from '../measure/level_shift.js';
import type { Environment } from '../run_folder/environment.js';
import type { TrialRow } from '../run_folder/rows.js';
import { carriesQuantile } from '../stats/quantile.js';
import type { Evidence } from './evidence.js';
import { isPreciseEnough } from './stop_rule.js';
import type { CellSummary } from './summary.js';

/** Something that a reader of the results should know before believing them. */
export interface Warning {
  readonly kind: Kind;
  /** The trials, or the cells, that it is about; empty where it is about the run as a whole. */
  readonly of: readonly string[];
  /** A sentence, with what to do about it. */
  readonly text: string;
}

type Kind =
  | 'incomplete'
  | 'invalid-trial'
  | 'unsteady'
  | 'level-shift'
  | 'clock-changed'
  | 'bad-endings'
  | 'load-average'
  | 'governor'
  | 'turbo'
  | 'turbo-unknown'
  | 'commit-unknown'
  | 'uncommitted-changes'
  | 'clock-set'
  | 'suspended'
  | 'steal'
  | 'other-load'
  | 'throttled'
  | 'unobserved'
  | 'few-samples'
  | 'one-launch'
  | 'attached-pages'
  | 'non-default-browser'
  | 'overheld-tasks'
  | 'imprecise';

/** Steal above this moves results by more than they usually differ. */
const MOST_STEAL = 0.01;
/** Above this, other programs take longer of a core than many of the differences that are looked for. */
const MOST_OTHER_LOAD = 0.02;
/** Per core. A machine at rest is well below it. */
const MOST_LOAD_AVERAGE = 0.25;
/** Above this, single requests are held up for tens of milliseconds. */
const MOST_THROTTLED = 0.01;
/** As a logarithm: so much moves what computes by as much. How far probes of an idle machine differ is unknown. */
const MOST_CLOCK_CHANGE = 0.1;
/** Of its service time. What a worker holds for longer, it computed, or had to wait for a core. */
const LONGEST_HOLD = 1.1;

/** All that there is to know of a run before believing it; `cells` is its summary. */
export function findWarnings(evidence: Evidence, cells: readonly CellSummary[]): Warning[] {
  const { experiment, environment, rows } = evidence;
  return [
    ...incompleteRun(evidence),
    ...invalidTrials(rows),
    ...unsteadyTrials(rows),
    ...shiftedLevels(experiment, rows),
    ...changedClocks(rows),
    ...badEndings(rows),
    ...aboutMachine(environment),
    ...aboutSources(environment),
    ...aboutClocks(rows),
    ...stolenTime(rows),
    ...otherLoad(rows),
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

/** About the run as a whole. */
function ofRun(kind: Kind, text: string): Warning {
  return { kind, of: [], text };
}

/** None where it is about nothing; `text` is made of the names, the first few of them listed. */
function ofSome(kind: Kind, of: readonly string[], text: (listed: string) => string): Warning[] {
  return of.length === 0 ? [] : [{ kind, of, text: text(list(of)) }];
}

function trialsOf(rows: readonly TrialRow[]): string[] {
  return rows.map((row) => row.trial);
}

function incompleteRun({ status, plan, rows }: Evidence): Warning[] {
  if (status === 'complete') return [];
  const ended = new Set(trialsOf(rows.filter((row) => row.verdict !== 'interrupted')));
  const missing = plan.filter((trial) => !ended.has(trial));
  return [
    {
      kind: 'incomplete',
      of: missing,
      text: `The run is not complete (${status}): ${plan.length - missing.length} of ${plan.length} planned trials have ended; resume it.`,
    },
  ];
}

function invalidTrials(rows: readonly TrialRow[]): Warning[] {
  return rows
    .filter((row) => !row.valid && row.verdict !== 'interrupted')
    .map((row) => ({
      kind: 'invalid-trial',
      of: [row.trial],
      text: `Trial ${row.trial} is invalid and not in the table: ${row.invalid_because}.`,
    }));
}

function unsteadyTrials(rows: readonly TrialRow[]): Warning[] {
  const unsteady = rows.filter((row) => row.valid && row.results?.steady === false);
  return ofSome(
    'unsteady',
    trialsOf(unsteady),
    (trials) =>
      `The warm-up of ${trials} ended before response times were steady; measure longer with --duration, or with fewer workers.`,
  );
}

/** Where the load changes, or something is done to the system, so do response times. */
function shiftedLevels({ load }: Experiment, rows: readonly TrialRow[]): Warning[] {
  if (load.kind === 'open' && load.schedule !== 'constant') return [];
  const steady = rows.filter((row) => row.valid && !hasFaults(row));
  const shifted = steady.filter(({ results }) => isShift(results?.level_shift));
  return ofSome(
    'level-shift',
    trialsOf(shifted),
    (trials) =>
      `The level of the response times changed within the measured time of ${trials}, so their figures depend on --duration: look at the run in time (figure timeline), and choose where programs run with --pin.`,
  );
}

function changedClocks(rows: readonly TrialRow[]): Warning[] {
  const changed = rows.filter((row) => {
    const probe = row.results?.clock_probe_ms;
    return row.valid && probe && Math.abs(Math.log(probe.after / probe.before)) > MOST_CLOCK_CHANGE;
  });
  return ofSome(
    'clock-changed',
    trialsOf(changed),
    (trials) =>
      `A loop of fixed work took more than ${MOST_CLOCK_CHANGE * 100} % longer or shorter after the load of ${trials} than before it: the frequency of the processor changed, or a neighbour on it came or went.`,
  );
}

function badEndings(rows: readonly TrialRow[]): Warning[] {
  const bad = rows
    .filter((row) => row.valid)
    .flatMap((row) =>
      Object.entries(row.endings)
        .filter(([program, ending]) => ending !== 0 && !wasKilled(program, row))
        .map(([program, ending]) => ({ trial: row.trial, program, ending })),
    );
  const endings = bad.map(({ trial, program, ending }) => `${program} of ${trial} with ${ending}`);
  return ofSome(
    'bad-endings',
    [...new Set(bad.map(({ trial }) => trial))],
    () => `Programs did not exit cleanly: ${list(endings)}; see logs/ in the folder of the run.`,
  );
}

function wasKilled(program: string, { injected_faults = [] }: TrialRow): boolean {
  return injected_faults.some(({ kind, part }) => kind === 'kill' && part === program);
}

function aboutMachine({ load_average, cores, governor, turbo }: Environment): Warning[] {
  const warnings: Warning[] = [];
  if (load_average > MOST_LOAD_AVERAGE * cores) {
    warnings.push(
      ofRun(
        'load-average',
        `The load average was ${load_average.toFixed(1)} on ${cores} cores when the run began, so other programs were running; close them and repeat.`,
      ),
    );
  }
  if (governor !== null && governor !== 'performance') {
    warnings.push(
      ofRun(
        'governor',
        `The CPU governor is '${governor}', so clock rates depend on the load; set it to 'performance' and repeat.`,
      ),
    );
  }
  if (turbo === true) {
    warnings.push(
      ofRun(
        'turbo',
        'Turbo is on, so few busy cores run faster than many; switch it off to compare worker counts.',
      ),
    );
  }
  if (turbo === null) {
    warnings.push(
      ofRun(
        'turbo-unknown',
        'Whether turbo is on is unknown on this machine; few busy cores may run faster than many; compare systems at the same worker count.',
      ),
    );
  }
  return warnings;
}

function aboutSources({ git }: Environment): Warning[] {
  const { commit, dirty, unknown_because } = git;
  if (commit === null) {
    return [
      ofRun(
        'commit-unknown',
        `The commit that was measured is unknown (${unknown_because ?? 'there is no checkout'}), so it cannot be rebuilt; measure from a git checkout.`,
      ),
    ];
  }
  if (dirty === false) return [];
  return [
    ofRun(
      'uncommitted-changes',
      dirty === null
        ? `Whether the checkout has changes beyond commit ${commit.slice(0, 10)} is unknown (${unknown_because}); fix that and repeat.`
        : `The checkout has changes beyond commit ${commit.slice(0, 10)}, so what was measured cannot be rebuilt from it; commit them and repeat.`,
    ),
  ];
}

function aboutClocks(rows: readonly TrialRow[]): Warning[] {
  const set = rows.filter((row) => row.clock_jump_s !== 0);
  const suspended = rows.filter((row) => row.suspended_s !== 0);
  const jumps = list(set.map((row) => `${row.clock_jump_s} s`));
  return [
    ...ofSome(
      'clock-set',
      trialsOf(set),
      (trials) =>
        `The clock was set during ${trials} (by ${jumps}); durations are right, but times of day before and after cannot be compared.`,
    ),
    ...ofSome(
      'suspended',
      trialsOf(suspended),
      (trials) =>
        `The machine was suspended during ${trials}; keep it awake (systemd-inhibit) and repeat.`,
    ),
  ];
}

function stolenTime(rows: readonly TrialRow[]): Warning[] {
  const shareOf = ({ results }: TrialRow) => results?.machine_steal_share ?? 0;
  const affected = rows.filter((row) => shareOf(row) > MOST_STEAL);
  const worst = Math.max(0, ...affected.map(shareOf));
  return ofSome(
    'steal',
    trialsOf(affected),
    () =>
      `Other guests of this host took up to ${(worst * 100).toFixed(1)} % of the processor time in ${affected.length} trials; repeat on a quieter host, or with more --launches.`,
  );
}

function otherLoad(rows: readonly TrialRow[]): Warning[] {
  const shareOf = ({ results }: TrialRow) => results?.machine_other_share ?? 0;
  const affected = rows.filter((row) => row.valid && shareOf(row) > MOST_OTHER_LOAD);
  const worst = Math.max(0, ...affected.map(shareOf));
  return ofSome(
    'other-load',
    trialsOf(affected),
    (trials) =>
      `Programs that are not part of the trial used up to ${(worst * 100).toFixed(1)} % of the processor time during ${trials}; close them and repeat.`,
  );
}

function throttledTime(rows: readonly TrialRow[]): Warning[] {
  const shareOf = ({ results }: TrialRow) => results?.machine_throttled_share ?? 0;
  const affected = rows.filter((row) => shareOf(row) > MOST_THROTTLED);
  const worst = Math.max(0, ...affected.map(shareOf));
  return ofSome(
    'throttled',
    trialsOf(affected),
    () =>
      `The CPU quota of the control group kept its programs off the processors for up to ${(worst * 100).toFixed(1)} % of their time in ${affected.length} trials, 10 ms or more at a time; raise it, or assign whole processors (cpuset) instead.`,
  );
}

function unobserved(rows: readonly TrialRow[]): Warning[] {
  // What a fault took away cannot be asked.
  const affected = rows.filter(
    (row) => row.valid && !hasFaults(row) && row.results?.unobserved?.length,
  );
  return ofSome(
    'unobserved',
    trialsOf(affected),
    (trials) =>
      `Some secondary observations are missing in ${trials}; the measurements themselves are not affected (first: ${affected[0]?.results?.unobserved?.[0]}).`,
  );
}

function fewSamples(cells: readonly CellSummary[]): Warning[] {
  const few = cells.filter((cell) => !carriesQuantile(cell.fewest_effective_samples, 0.95));
  return ofSome(
    'few-samples',
    few.map((cell) => cell.cell),
    (names) =>
      `p95 of ${names} is not given: the samples of a launch are worth fewer than 200 independent ones; measure longer with --duration.`,
  );
}

function fewLaunches({ repetition }: Experiment): Warning[] {
  if (repetition.launches > 1) return [];
  return [
    ofRun(
      'one-launch',
      'With one launch of each cell there are no intervals, so small differences mean nothing; repeat with --launches 3 or more.',
    ),
  ];
}

function drivenPages({ axes, systems }: Experiment): Warning[] {
  const inBrowser = systems.some(runsInBrowser);
  if (!inBrowser || !axes.attached.includes(true)) return [];
  return [
    ofRun(
      'attached-pages',
      'Playwright was attached to the worker pages (--attached), which slows each of their requests; compare with a run that does without.',
    ),
  ];
}

function nonDefaultBrowsers(cells: readonly CellSummary[]): Warning[] {
  const affected = cells.filter((cell) => cell.non_default_browser);
  return ofSome(
    'non-default-browser',
    affected.map((cell) => cell.cell),
    (names) =>
      `The browser of ${names} ran with non-default flags, so these figures are not those of a user's browser; see those of --browser-flags none for that.`,
  );
}

function overheldTasks(rows: readonly TrialRow[]): Warning[] {
  const over = rows.filter(({ valid, service_ms, results }) => {
    const held_ms = results?.mean_phases_ms.compute ?? 0;
    return valid && service_ms > 0 && held_ms > LONGEST_HOLD * service_ms;
  });
  return ofSome(
    'overheld-tasks',
    [...new Set(over.map((row) => row.cell))],
    (names) =>
      `Workers of ${names} held tasks for more than ${LONGEST_HOLD} times their service time, so they competed for cores (oversubscribed); raise --service-ms, or measure smaller matrices or fewer workers.`,
  );
}

function notPrecise(experiment: Experiment, rows: readonly TrialRow[]): Warning[] {
  const { stop } = experiment;
  if (stop === null || isPreciseEnough(experiment, rows)) return [];
  const target = `± ${(stop.relative_half_width * 100).toFixed(1)} %`;
  return [
    ofRun(
      'imprecise',
      `Not every ${stop.measure} has reached ${target}: the budget of ${stop.budget_s} s or the maximum number of launches was used up; raise stop.budget_s or stop.most_launches.`,
    ),
  ];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
