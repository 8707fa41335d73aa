import { identityOf, type LaunchOfCell } from '../../analysis/summary.js';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { UsageError } from '../../base/errors.js';
import { UNKNOWN } from '../../report/numbers.js';
import { differencesOfEnvironments, differencesOfMachines } from '../../run_folder/alike.js';
import { describeDifference } from '../../run_folder/difference.js';
import { spreadBetween } from '../../stats/between_runs.js';
import {
  COMPARISON_RULE,
  type Comparison,
  type ComparisonRule,
  compare,
  type Pair,
} from '../../stats/comparison.js';
import { effectSize } from '../../stats/effect_size.js';
import { type Estimate, estimateMeasure } from '../../stats/estimate.js';
import { launchesToFind } from '../../stats/power.js';
import type { CompareRequest } from '../request.js';
import { type RunToCompare, readRun } from './read_run.js';

/** Says of each cell that two runs share whether it became faster or slower. */
export function compareRuns(request: CompareRequest): number {
  const before = readRun(request.before);
  const after = readRun(request.after);
  const changed = checkMachines(before, after, request.anyMachine);
  const { pairs, alone } = pairCells(before, after);
  if (pairs.length === 0) {
    throw new UsageError(
      `the runs have no cell with valid trials in common; only in one of them: ${alone.join(', ') || 'none'}`,
    );
  }
  const betweenRuns = spreadsBetween(before, request);
  const rule = {
    ...COMPARISON_RULE,
    margin: request.margin,
    ...(betweenRuns && { betweenRuns }),
  };
  const comparisons = compare(pairs, rule);
  if (request.json) {
    printJson({
      before: before.path,
      after: after.path,
      margin: request.margin,
      between_runs: betweenRuns ?? null,
      changed,
      comparisons,
      alone,
    });
  } else {
    print(render(pairs, comparisons));
    print(explain(comparisons, rule));
    for (const line of changed) print(`Differs: ${line}`);
    if (alone.length > 0) print(`Only in one of the runs: ${alone.join(', ')}`);
  }
  if (comparisons.some(({ verdict }) => verdict === 'slower')) return EXIT.regression;
  const isOpen = comparisons.some(({ verdict = 'unsure' }) => verdict === 'unsure');
  return isOpen ? EXIT.noisy : EXIT.ok;
}

/**
 * How much whole runs of the same differ, in each measure: as told, or as A/A runs show; undefined where
 * neither is given. Throws UsageError when the A/A runs show nothing.
 */
function spreadsBetween(
  before: RunToCompare,
  { betweenRuns, aa, anyMachine }: CompareRequest,
): ComparisonRule['betweenRuns'] {
  if (betweenRuns !== undefined) {
    const known = { spread: betweenRuns, degreesOfFreedom: Number.POSITIVE_INFINITY };
    return Object.fromEntries(COMPARISON_RULE.measures.map((measure) => [measure, known]));
  }
  if (aa === undefined) return undefined;
  const runs = aa.map(readRun);
  for (const run of runs) checkMachines(before, run, anyMachine);
  const [first, ...others] = runs.map(({ launches }) => byCell(launches));
  const cells = [...(first ?? [])].flatMap(([identity, own]) => {
    const all = [own, ...others.map((cellsOfRun) => cellsOfRun.get(identity) ?? [])];
    return all.every(({ length }) => length > 0) ? [all.map(launchesOf)] : [];
  });
  const spreads = COMPARISON_RULE.measures.flatMap((measure) => {
    const spread = spreadBetween(cells, measure);
    return spread === undefined ? [] : [[measure, spread] as const];
  });
  if (spreads.length > 0) return Object.fromEntries(spreads);
  throw new UsageError(
    `--aa ${aa.join(',')}: expected two runs or more of the same experiment, with valid trials of the same cells`,
  );
}

/** Returns what else differs, a line each. Throws UsageError when the machines are not alike. */
function checkMachines(before: RunToCompare, after: RunToCompare, anyMachine: boolean): string[] {
  const machines = differencesOfMachines(before.environment, after.environment);
  if (machines.length > 0 && !anyMachine) {
    const lines = machines.map((each) => `  ${describeDifference(each)}`);
    throw new UsageError(
      `the runs were made on different machines or programs; --any-machine compares them anyway:\n${lines.join('\n')}`,
    );
  }
  const all = differencesOfEnvironments(before.environment, after.environment);
  return all.map(describeDifference);
}

/** By what makes a cell, since its name depends on what else is in its experiment. */
function pairCells(before: RunToCompare, after: RunToCompare): { pairs: Pair[]; alone: string[] } {
  const cellsBefore = byCell(before.launches);
  const cellsAfter = byCell(after.launches);
  const pairs: Pair[] = [];
  const alone: string[] = [];
  for (const [identity, own] of cellsAfter) {
    const other = cellsBefore.get(identity);
    const cell = own[0]?.row.cell ?? '';
    if (other === undefined) alone.push(cell);
    else pairs.push({ cell, before: launchesOf(other), after: launchesOf(own) });
  }
  for (const [identity, own] of cellsBefore) {
    if (!cellsAfter.has(identity)) alone.push(own[0]?.row.cell ?? '');
  }
  return { pairs, alone };
}

function byCell(launches: readonly LaunchOfCell[]): Map<string, LaunchOfCell[]> {
  const cells = new Map<string, LaunchOfCell[]>();
  for (const launch of launches) {
    const identity = identityOf(launch.row);
    cells.set(identity, [...(cells.get(identity) ?? []), launch]);
  }
  return cells;
}

function launchesOf(own: readonly LaunchOfCell[]) {
  return own.map(({ launch }) => launch);
}

function render(pairs: readonly Pair[], comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ cell, measure, verdict, ratio, contrast }) => {
    const pair = pairs.find((candidate) => candidate.cell === cell) as Pair;
    return [
      cell,
      measure,
      verdict ?? UNKNOWN,
      plain(estimateMeasure(pair.before, measure).value),
      plain(estimateMeasure(pair.after, measure).value),
      ratio === undefined ? UNKNOWN : withBounds(ratio),
      contrast === undefined ? UNKNOWN : effectSize(contrast).value.toFixed(1),
    ];
  });
  const header = ['cell', 'measure', 'verdict', 'before', 'after', 'ratio [95 %]', "Hedges' g"];
  return alignColumns([header, ...rows], 3).join('\n');
}

function explain(comparisons: readonly Comparison[], rule: ComparisonRule): string {
  const ratios = comparisons.flatMap(({ smallestRatio }) => smallestRatio ?? []);
  const worst = Math.max(...ratios);
  const seen = Number.isFinite(worst)
    ? `With these launches, a change of ${percent(worst)} or more would be detected in every cell with probability ${rule.power}.`
    : 'Too few launches to detect any change; measure with --launches 3 or more.';
  const between = betweenInWords(rule.betweenRuns);
  const more =
    rule.betweenRuns === undefined && worst > 1 + rule.margin
      ? `\n${launchesForMargin(comparisons, rule)}`
      : '';
  return `\nThe probability of any false verdict in the table is at most ${rule.alpha} (Holm's correction over its rows).\n${seen}${more}\n${between}`;
}

function betweenInWords(betweenRuns: ComparisonRule['betweenRuns']): string {
  const [known] = Object.values(betweenRuns ?? {});
  if (betweenRuns === undefined || known === undefined) {
    return 'That holds for what differs between launches. What differs between whole runs (temperature, neighbours, memory) is not included: where runs differ by 5 %, 10 to 74 % of comparisons of five like cells give a false verdict (docs/statistics.md). Include it with --aa RUN,RUN,… (runs of the same thing) or --between-runs.';
  }
  const spreads = Object.entries(betweenRuns).map(
    ([measure, { spread }]) => `${measure} ${(spread * 100).toFixed(1)} %`,
  );
  const origin = Number.isFinite(known.degreesOfFreedom)
    ? `as ${known.degreesOfFreedom + 1} A/A runs do; with more of them, intervals become narrower`
    : 'as given';
  return `Included: whole runs differ by ${spreads.join(', ')} (${origin}). More launches do not make that smaller.`;
}

/** How many launches would show a change by the margin, should they spread as these do. */
function launchesForMargin(
  comparisons: readonly Comparison[],
  { design, alpha, power, margin }: ComparisonRule,
): string {
  const contrasts = comparisons.flatMap(({ contrast }) => contrast ?? []);
  const spread = Math.max(...contrasts.map((of) => of.spread));
  const test = { design, spread, alpha: alpha / contrasts.length };
  const launches = launchesToFind(test, 1 + margin, power);
  const needed = launches === undefined ? 'more than 1000' : `about ${launches}`;
  return `To detect one of ${percent(1 + margin)}, the margin, each run would need ${needed} launches.`;
}

function percent(ratio: number): string {
  return `${((ratio - 1) * 100).toFixed(1)} %`;
}

function withBounds({ value, low, high }: Estimate): string {
  const bounds =
    low === undefined || high === undefined ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${value.toFixed(3)}${bounds}`;
}

function plain(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : UNKNOWN;
}
