import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type LaunchOfCell, readLaunches } from '../analysis/summary.js';
import { alignColumns, EXIT, print, printJson, say } from '../base/console.js';
import type { AxisValue } from '../experiment/axes.js';
import { cellsOf } from '../experiment/cells.js';
import { expectedSeconds } from '../experiment/eta.js';
import { type Experiment, makeExperiment } from '../experiment/experiment.js';
import { type Random, seededRandom, shuffled } from '../experiment/random.js';
import { readSystems } from '../experiment/systems.js';
import type { Run } from '../run/trials.js';
import type { TrialRow } from '../run_folder/rows.js';
import {
  COMPARISON_RULE,
  type Comparison,
  type ComparisonRule,
  compare,
  type Pair,
} from '../stats/comparison.js';
import type { Launch, Measure } from '../stats/launch.js';
import { withNoise } from './noise.js';

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
  readonly pin?: AxisValue<'pin'>;
  /** Both sides at the same time. */
  readonly duet: boolean;
  /** Of a processor, which another program keeps busy meanwhile: 0 to 1. */
  readonly noise: number;
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
  const experiment = nullExperiment(root, request);
  const each = experiment.repetition.launches / (REAL * blocksPerLaunch(request.duet));
  say(`A/A run: ${REAL} comparisons of ${each} launches a side`);
  const run = await withNoise(request.noise, () => measureAlone(experiment));
  if (run.status !== 'complete') return run.interrupted ? EXIT.interrupted : EXIT.error;
  const { path } = run.folder;
  const found = judgeNull(readLaunches(path, run.rows), each, experiment.seed, request.duet);
  checkCompared(found, run.rows);
  if (request.json) printJson({ run: path, ...found });
  else print(render(found));
  return found.simulated.false / found.simulated.comparisons > COMPARISON_RULE.alpha * 2
    ? EXIT.noisy
    : EXIT.ok;
}

/** Throws an Error when there was nothing to compare: to find no difference then says nothing. */
function checkCompared({ real }: NullFindings, rows: readonly TrialRow[]): void {
  if (real.comparisons > 0) return;
  const because = rows.find(({ valid }) => !valid)?.invalid_because;
  throw new Error(
    `too few launches count for a comparison: ${rows.filter(({ valid }) => valid).length} of ${rows.length}${because ? `; the first that does not: ${because}` : ''}`,
  );
}

/** Blocks in which each side is launched once: of a duet one, else it is in every other one. */
function blocksPerLaunch(duet: boolean): number {
  return duet ? 1 : 2;
}

/** As many launches as fit into the time, at least so many that each side has some. */
function nullExperiment(root: string, { seconds, seed, pin, duet }: NullRequest): Experiment {
  const known = readSystems(join(root, 'experiments', 'systems.yaml'));
  const [first, again] = ['rpc-tcp', 'rpc-tcp-again'];
  const twins = known.flatMap((system) =>
    system.name === first ? [system, { ...system, name: again }] : [],
  );
  const order = seed ?? randomInt(2 ** 32);
  const make = (launches: number) =>
    makeExperiment(
      'null',
      {
        question: 'How often does an A/A comparison find a difference?',
        systems: duet ? [first, again] : [first, 'rest-wasm'],
        axes: { workers: 1, n: 64, ...(pin !== undefined && { pin }) },
        repetition: { launches, duration_s: 2 },
        order: { duet },
        // What others do to the machine is what is to be seen.
        validity: { steal_share: 1, other_load_share: 1 },
      },
      {},
      duet ? twins : known,
      order,
      () => 'doctor --null',
    );
  const one = make(1);
  const cellS = cellsOf(one).map((cell) => expectedSeconds(cell, one));
  const blockS = duet ? Math.max(...cellS) : cellS.reduce((sum, s) => sum + s, 0);
  const blocks = REAL * blocksPerLaunch(duet);
  return make(blocks * Math.max(FEWEST_LAUNCHES, Math.floor(seconds / blockS / blocks)));
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

/** Takes launches of the same as if they were those of two sides. */
interface Sides {
  /** The i-th comparison of launches that ran one after the other. */
  real(i: number): Pair[];
  /** Launches that are drawn, on sides that are. */
  drawn(random: Random): Pair[];
  readonly all: Pair[];
  readonly rule: ComparisonRule;
}

/** Compares the launches with each other: those of two cells in a duet, else those of each cell. */
export function judgeNull(
  trials: readonly LaunchOfCell[],
  launchesPerSide: number,
  seed: number,
  duet = false,
): NullFindings {
  const cells = [...new Set(trials.map(({ row }) => row.cell))].map((cell) => ({
    cell,
    launches: trials.filter(({ row }) => row.cell === cell).map(({ launch }) => launch),
  }));
  const sides = duet ? sidesOfDuet(cells, launchesPerSide) : sidesInTurn(cells, launchesPerSide);
  const real = Array.from({ length: REAL }, (_, i) => sides.real(i));
  const random = seededRandom(seed);
  const simulated = Array.from({ length: SIMULATED }, () =>
    compare(sides.drawn(random), sides.rule),
  );
  return {
    launchesPerSide,
    real: count(real.map((pairs) => compare(pairs, sides.rule))),
    simulated: count(simulated),
    smallest: sides.all.flatMap((pair) =>
      sides.rule.measures.map((measure) => ({
        cell: pair.cell,
        measure,
        ratio: median(
          real
            .flat()
            .filter(({ cell }) => cell === pair.cell)
            .flatMap((each) => smallestOf(each, measure, sides.rule) ?? []),
        ),
        ratioWithAll: smallestOf(pair, measure, sides.rule),
      })),
    ),
  };
}

/** Found by a comparison of that alone. */
function smallestOf(pair: Pair, measure: Measure, rule: ComparisonRule): number | undefined {
  return compare([pair], { ...rule, measures: [measure] })[0]?.smallestRatio;
}

interface CellLaunches {
  readonly cell: string;
  readonly launches: readonly Launch[];
}

/** Odd blocks against even ones, of each cell. */
function sidesInTurn(cells: readonly CellLaunches[], launchesPerSide: number): Sides {
  const perComparison = 2 * launchesPerSide;
  const alternating = ({ cell, launches }: CellLaunches): Pair => ({
    cell,
    before: launches.filter(({ block }) => block % 2 === 1),
    after: launches.filter(({ block }) => block % 2 === 0),
  });
  return {
    real: (i) =>
      cells.map(({ cell, launches }) => {
        const own = launches.filter(({ block }) => Math.floor((block - 1) / perComparison) === i);
        return alternating({ cell, launches: own });
      }),
    drawn: (random) =>
      cells.map(({ cell, launches }) => {
        const drawn = shuffled(launches, random).slice(0, perComparison);
        return {
          cell,
          before: drawn.slice(0, launchesPerSide),
          after: drawn.slice(launchesPerSide),
        };
      }),
    all: cells.map(alternating),
    rule: COMPARISON_RULE,
  };
}

/** The two cells that ran at the same time, block by block. */
function sidesOfDuet(cells: readonly CellLaunches[], launchesPerSide: number): Sides {
  const [first, second] = cells;
  const cell = first?.cell ?? '';
  const blocks = (first?.launches ?? []).flatMap((before) => {
    const after = second?.launches.find(({ block }) => block === before.block);
    return after === undefined ? [] : [{ before, after }];
  });
  const pairOf = (chosen: typeof blocks): Pair => ({
    cell,
    before: chosen.map(({ before }) => before),
    after: chosen.map(({ after }) => after),
  });
  return {
    real: (i) => [
      pairOf(blocks.filter(({ before }) => Math.floor((before.block - 1) / launchesPerSide) === i)),
    ],
    drawn: (random) => {
      const drawn = shuffled(blocks, random).slice(0, launchesPerSide);
      const swap = ({ before, after }: (typeof blocks)[0]) => ({ before: after, after: before });
      return [pairOf(drawn.map((block) => (random() < 0.5 ? block : swap(block))))];
    },
    all: [pairOf(blocks)],
    rule: { ...COMPARISON_RULE, design: 'paired' },
  };
}

function count(families: readonly (readonly Comparison[])[]): Tally {
  const isFalse = ({ verdict }: Comparison) => verdict === 'faster' || verdict === 'slower';
  const compared = families.filter((comparisons) =>
    comparisons.some(({ contrast }) => contrast !== undefined),
  );
  return {
    comparisons: compared.length,
    false: compared.filter((comparisons) => comparisons.some(isFalse)).length,
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
    `The smallest change that a comparison of one measure detects on this machine with probability ${COMPARISON_RULE.power}:`,
    ...alignColumns([header, ...rows], 2),
  ].join('\n');
}

function change(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${((ratio - 1) * 100).toFixed(1)} %`;
}
