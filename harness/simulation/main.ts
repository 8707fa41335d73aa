/** `npm run simulate [REPETITIONS]`: the tables of docs/statistics.md, in Markdown on stdout. */
import { STOP_RULE } from '../src/stats/allocation.js';
import { powerToFind } from '../src/stats/power.js';
import { HARD_MODEL, MODELS, type Model } from '../test/stats/models.js';
import { IN_USE, REJECTED } from './candidates.js';
import { falsePositivesOf, falseWithShift, verdictsOn } from './comparing.js';
import { coverageOf, ratioCoverageOf } from './coverage.js';
import { stopRuleCoverageOf } from './stopping.js';
import { throughputCoverageOf } from './windows.js';

const LAUNCHES = [3, 5, 10, 30];
/** Not the mean: of these closed loads it is one over the throughput. */
const SIMULATED = ['median_response_ms', 'p95_response_ms', 'throughput_per_s'] as const;
const NAMES: Readonly<Record<(typeof SIMULATED)[number], string>> = {
  median_response_ms: 'median',
  p95_response_ms: 'p95',
  throughput_per_s: 'throughput',
};

function modelOf(name: string): Model {
  return MODELS.find((model) => model.name === name) as Model;
}

function print(...cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

function head(title: string, ...columns: readonly (string | number)[]): void {
  process.stdout.write(`\n${title}\n\n`);
  print(...columns);
  print(...columns.map(() => '---'));
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A coverage and how wide the intervals are on average, as a factor from bound to bound. */
function withWidth({ share, width }: { share: number; width: number }): string {
  return `${percent(share)} (× ${Number.isFinite(width) ? Math.exp(width).toFixed(2) : '∞'})`;
}

function intervals(repetitions: number): void {
  head('Intervals in use: coverage in %', 'data', 'measure', ...LAUNCHES);
  for (const model of [...MODELS, HARD_MODEL]) {
    for (const measure of SIMULATED) {
      const shares = LAUNCHES.map((launches) => {
        const [coverage] = coverageOf([IN_USE], model, measure, launches, repetitions);
        return percent(coverage?.share ?? Number.NaN);
      });
      print(model.name, NAMES[measure], ...shares);
    }
  }
}

function windows(repetitions: number): void {
  head('Throughput of few tasks in a window: coverage in %', 'counted', 'tasks', ...LAUNCHES);
  for (const by of ['parts', 'whole'] as const) {
    for (const tasks of [2.9, 5.5, 20.3, 100.4]) {
      const shares = LAUNCHES.map((launches) =>
        percent(throughputCoverageOf(by, tasks, launches, repetitions)),
      );
      print(by, tasks, ...shares);
    }
  }
}

function ratios(repetitions: number): void {
  head('Ratios in use: coverage in %', 'data', 'design', 'measure', ...LAUNCHES);
  for (const name of ['skewed', 'clustered by launch']) {
    for (const design of ['paired', 'unpaired'] as const) {
      for (const measure of SIMULATED) {
        const shares = LAUNCHES.map((launches) =>
          percent(ratioCoverageOf(design, modelOf(name), measure, launches, repetitions).share),
        );
        print(name, design, NAMES[measure], ...shares);
      }
    }
  }
}

function candidates(repetitions: number): void {
  const cases = [
    [modelOf('skewed'), 'p95_response_ms'],
    [modelOf('clustered by launch'), 'median_response_ms'],
    [HARD_MODEL, 'median_response_ms'],
  ] as const;
  for (const [model, measure] of cases) {
    head(
      `Methods, ${NAMES[measure]} of ${model.name}: coverage in % (width)`,
      'method',
      ...LAUNCHES,
    );
    const methods = [IN_USE, ...REJECTED];
    const columns = LAUNCHES.map((n) => coverageOf(methods, model, measure, n, repetitions));
    methods.forEach(({ name }, m) => {
      print(name, ...columns.map((column) => withWidth(column[m] ?? { share: NaN, width: NaN })));
    });
  }
}

function stopping(repetitions: number): void {
  head(
    'Stop rule of ± 5 %: coverage in % (mean launches), by spare launches',
    'spread',
    ...[0, 1, 2, 3, 4],
  );
  for (const spread of [0.02, 0.03, 0.05, 0.07, 0.1, 0.2]) {
    const cells = [0, 1, 2, 3, 4].map((spareLaunches) => {
      const rule = { ...STOP_RULE, mostLaunches: 500, spareLaunches };
      const { share, launches } = stopRuleCoverageOf(spread, rule, repetitions);
      return `${percent(share)} (${launches.toFixed(1)})`;
    });
    print(`${(100 * spread).toFixed(0)} %`, ...cells);
  }
}

function comparing(repetitions: number): void {
  head(
    'Like runs, 2 cells of each model × 3 measures: comparisons that say faster or slower of any, in %',
    'design',
    'launches',
    'with Holm',
    'without',
  );
  for (const design of ['paired', 'unpaired'] as const) {
    for (const launches of [3, 10]) {
      const found = falsePositivesOf(MODELS, launches, design, repetitions / 4);
      print(design, launches, percent(found.corrected), percent(found.uncorrected));
    }
  }
  head(
    'A planted − 5 % in one of 5 cells, spread 2 %: found in %',
    'launches',
    'stated',
    'found',
    'wrong way',
  );
  for (const launches of [3, 5, 10]) {
    const planted = { cells: 5, launches, spread: 0.02, ratio: 0.95, otherRatio: 1, margin: 0.02 };
    const { first } = verdictsOn(planted, repetitions);
    const test = { design: 'unpaired', launches: [launches, launches], spread: 0.02 } as const;
    const stated = powerToFind({ ...test, alpha: 0.05 / 5 }, 0.95);
    print(launches, percent(stated), percent(first.slower), percent(first.faster));
  }
}

function shifting(repetitions: number): void {
  head(
    'Like runs of 5 cells, each run shifted as a whole by 5 %: comparisons that say faster or slower of any, in %',
    'launches',
    'their spread',
    'not included',
    'known',
    '3 A/A runs',
    '5 A/A runs',
    '10 A/A runs',
  );
  const told = ['nothing', 'the spread', { aaRuns: 3 }, { aaRuns: 5 }, { aaRuns: 10 }] as const;
  for (const launches of [3, 10]) {
    for (const spread of [0.02, 0.08]) {
      const shifted = { cells: 5, launches, spread, betweenRuns: 0.05 };
      const shares = told.map((each) => percent(falseWithShift(shifted, each, repetitions)));
      print(launches, `${100 * spread} %`, ...shares);
    }
  }
}

const repetitions = Number(process.argv[2] ?? 4000);
if (!(Number.isInteger(repetitions) && repetitions >= 100)) {
  process.stderr.write(`simulate: ${process.argv[2]} repetitions; expected 100 or more\n`);
  process.exit(2);
}
process.stdout.write(
  `${repetitions} repetitions, a quarter of them for the tables of methods and of shifted runs\n`,
);
intervals(repetitions);
windows(repetitions);
ratios(repetitions);
candidates(repetitions / 4);
stopping(repetitions);
comparing(repetitions);
shifting(repetitions / 4);
