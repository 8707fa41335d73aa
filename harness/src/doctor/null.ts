import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type LaunchOfCell, readLaunches } from '../analysis/summary.js';
import { alignColumns, EXIT, print, printJson, say } from '../base/console.js';
import { cellsOf } from '../experiment/cells.js';
import { expectedSeconds } from '../experiment/eta.js';
import { type Experiment, makeExperiment } from '../experiment/experiment.js';
import { seededRandom, shuffled } from '../experiment/random.js';
import { readSystems } from '../experiment/systems.js';
import type { Run } from '../run/trials.js';
import { COMPARISON_RULE, type Comparison, compare, type Pair } from '../stats/comparison.js';
import type { Launch } from '../stats/launch.js';

/** Comparisons of launches that really ran. */
const REAL = 10;
/** Comparisons of launches drawn from all of them at random. */
const SIMULATED = 1000;
/** Launches of each of the two sides. */
const FEWEST_LAUNCHES = 2;

/** What was asked for. */
export interface NullRequest {
  readonly seconds: number;
  readonly seed?: number;
  readonly json: boolean;
}

/** Runs an experiment that no file has. */
export type MeasureAlone = (
  experiment: Experiment,
) => Promise<Run & { readonly interrupted: boolean }>;

/**
 * An A/A run: measures the same for so many seconds through the whole pipeline, splits the launches into
 * pairs of sides that ran interleaved, and compares them as `compare` does. Whatever it finds is
 * false. Prints how often that was, and the smallest effect that could have been found.
 */
export async function nullRun(
  root: string,
  request: NullRequest,
  measureAlone: MeasureAlone,
): Promise<number> {
  const experiment = nullExperiment(root, request.seconds, request.seed ?? randomInt(2 ** 32));
  const { launches } = experiment.repetition;
  const each = Math.floor(launches / (2 * REAL));
  say(`A/A run: ${REAL} comparisons of ${each} launches a side`);
  const run = await measureAlone(experiment);
  if (run.status !== 'complete') return run.interrupted ? EXIT.interrupted : EXIT.error;
  const { path } = run.folder;
  const found = judgeNull(readLaunches(path, run.rows), each, experiment.seed);
  if (request.json) printJson({ run: path, ...found });
  else print(render(found));
  return found.simulated.false / found.simulated.comparisons > COMPARISON_RULE.alpha * 2
    ? EXIT.noisy
    : EXIT.ok;
}

/** As many launches as fit into the time, at least so many that each side has some. */
function nullExperiment(root: string, seconds: number, seed: number): Experiment {
  const known = readSystems(join(root, 'experiments', 'systems.yaml'));
  const make = (launches: number) =>
    makeExperiment(
      'null',
      {
        question: 'How often does an A/A comparison find a difference?',
        systems: ['rpc-tcp', 'rest-wasm'],
        axes: { workers: 1, n: 64 },
        repetition: { launches, duration_s: 1 },
      },
      {},
      known,
      seed,
      () => 'doctor --null',
    );
  const one = make(1);
  const blockS = cellsOf(one).reduce((sum, cell) => sum + expectedSeconds(cell, one), 0);
  const each = Math.max(FEWEST_LAUNCHES, Math.floor(seconds / blockS / (2 * REAL)));
  return make(2 * REAL * each);
}

/** Counts of comparisons of the same with the same. */
interface Tally {
  readonly comparisons: number;
  /** Those that said `faster` or `slower` of anything. */
  readonly false: number;
}

export interface NullFindings {
  readonly launchesPerSide: number;
  readonly real: Tally;
  readonly simulated: Tally;
  /** For each cell and measure, with so many launches a side, and with all of the run's. */
  readonly smallest: readonly {
    readonly cell: string;
    readonly measure: string;
    readonly ratio: number | undefined;
    readonly ratioWithAll: number | undefined;
  }[];
}

/** Splits the launches of each cell, of which blocks 1, 2, 3… ran one after the other, into sides. */
export function judgeNull(
  trials: readonly LaunchOfCell[],
  launchesPerSide: number,
  seed: number,
): NullFindings {
  const cells = [...new Set(trials.map(({ row }) => row.cell))].map((cell) => ({
    cell,
    launches: trials.filter(({ row }) => row.cell === cell).map(({ launch }) => launch),
  }));
  const perComparison = 2 * launchesPerSide;
  const real = Array.from({ length: REAL }, (_, i) =>
    compare(
      cells.map(({ cell, launches }) =>
        alternating(
          cell,
          launches.filter(({ block }) => Math.floor((block - 1) / perComparison) === i),
        ),
      ),
    ),
  );
  const random = seededRandom(seed);
  const draw = (cell: string, launches: readonly Launch[]): Pair => {
    const drawn = shuffled(launches, random).slice(0, perComparison);
    return { cell, before: drawn.slice(0, launchesPerSide), after: drawn.slice(launchesPerSide) };
  };
  const simulated = Array.from({ length: SIMULATED }, () =>
    compare(cells.map(({ cell, launches }) => draw(cell, launches))),
  );
  const all = compare(cells.map(({ cell, launches }) => alternating(cell, launches)));
  return {
    launchesPerSide,
    real: count(real),
    simulated: count(simulated),
    smallest: all.map(({ cell, measure, smallestRatio }) => ({
      cell,
      measure,
      ratio: median(
        real.flatMap((comparisons) =>
          comparisons
            .filter((each) => each.cell === cell && each.measure === measure)
            .flatMap((each) => each.smallestRatio ?? []),
        ),
      ),
      ratioWithAll: smallestRatio,
    })),
  };
}

function alternating(cell: string, launches: readonly Launch[]): Pair {
  return {
    cell,
    before: launches.filter(({ block }) => block % 2 === 1),
    after: launches.filter(({ block }) => block % 2 === 0),
  };
}

function count(families: readonly (readonly Comparison[])[]): Tally {
  const isFalse = ({ verdict }: Comparison) => verdict === 'faster' || verdict === 'slower';
  return {
    comparisons: families.length,
    false: families.filter((comparisons) => comparisons.some(isFalse)).length,
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function render({ launchesPerSide, real, simulated, smallest }: NullFindings): string {
  const rows = smallest.map(({ cell, measure, ratio, ratioWithAll }) => [
    cell,
    measure,
    change(ratio),
    change(ratioWithAll),
  ]);
  const header = ['cell', 'measure', `${launchesPerSide} launches a side`, 'all of this run'];
  const percent = ({ comparisons, false: wrong }: Tally) =>
    `${wrong} of ${comparisons} (${((100 * wrong) / comparisons).toFixed(1)} %)`;
  return [
    `A/A comparisons that found a difference: ${percent(real)} measured, ${percent(simulated)} drawn from the same launches; at most 5 % are expected.`,
    '',
    `The smallest change that can be detected on this machine in this time, with probability ${COMPARISON_RULE.power}:`,
    ...alignColumns([header, ...rows], 2),
  ].join('\n');
}

function change(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${((ratio - 1) * 100).toFixed(1)} %`;
}
