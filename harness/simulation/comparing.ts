import { type Random, seededRandom } from '../src/experiment/random.js';
import { type RunSpread, spreadBetween } from '../src/stats/between_runs.js';
import {
  COMPARISON_RULE,
  type ComparisonRule,
  compare,
  type Pair,
} from '../src/stats/comparison.js';
import { type Design, pOfDifference } from '../src/stats/contrast.js';
import type { Launch } from '../src/stats/launch.js';
import { ofSorted } from '../src/stats/response_times.js';
import { drawLaunch, type Model, normals } from '../test/stats/models.js';

/** Of comparisons between like cells, those that said faster or slower of any of them. */
export interface FalsePositives {
  readonly corrected: number;
  /** Had each measure of each cell been judged by itself. */
  readonly uncorrected: number;
}

/** Runs of the same cells, each of which is shifted as a whole. */
export interface ShiftedRuns {
  readonly cells: number;
  readonly launches: number;
  /** Standard deviation of logarithms of launches. */
  readonly spread: number;
  /** The same of whole runs, which move all of their cells together. */
  readonly betweenRuns: number;
}

/** What a comparison is told of how much whole runs differ. */
export type Told = 'nothing' | 'the spread' | { readonly aaRuns: number };

/** The share of comparisons of two like runs that say faster or slower of any cell. */
export function falseWithShift(shifted: ShiftedRuns, told: Told, comparisons: number): number {
  const random = seededRandom(4);
  let wrong = 0;
  for (let i = 0; i < comparisons; i++) {
    const [before, after] = [drawShifted(shifted, random), drawShifted(shifted, random)];
    const pairs = before.map((launches, cell) => ({
      cell: `cell ${cell}`,
      before: launches,
      after: after[cell] ?? [],
    }));
    const betweenRuns = spreadTold(shifted, told, random);
    const verdicts = compare(pairs, {
      ...COMPARISON_RULE,
      measures: ['throughput_per_s'],
      ...(betweenRuns && { betweenRuns: { throughput_per_s: betweenRuns } }),
    });
    if (verdicts.some(({ verdict }) => verdict === 'faster' || verdict === 'slower')) wrong++;
  }
  return wrong / comparisons;
}

function spreadTold(shifted: ShiftedRuns, told: Told, random: Random): RunSpread | undefined {
  if (told === 'nothing') return undefined;
  if (told === 'the spread') {
    return { spread: shifted.betweenRuns, degreesOfFreedom: Number.POSITIVE_INFINITY };
  }
  const runs = Array.from({ length: told.aaRuns }, () => drawShifted(shifted, random));
  const cells = Array.from({ length: shifted.cells }, (_, cell) =>
    runs.map((run) => run[cell] ?? []),
  );
  return spreadBetween(cells, 'throughput_per_s');
}

/** The launches of each cell of one run. */
function drawShifted(
  { cells, launches, spread, betweenRuns }: ShiftedRuns,
  random: Random,
): Launch[][] {
  const centre = 100 * Math.exp(betweenRuns * normals(random)());
  return Array.from({ length: cells }, () => drawRates(centre, launches, spread, random));
}

/** Compares two measurements of the same cells, four of each model, in every measure. */
export function falsePositivesOf(
  models: readonly Model[],
  launches: number,
  design: Design,
  comparisons: number,
): FalsePositives {
  const random = seededRandom(2);
  let corrected = 0;
  let uncorrected = 0;
  for (let i = 0; i < comparisons; i++) {
    const verdicts = compare(drawLikePairs(models, launches, random), {
      ...COMPARISON_RULE,
      design,
    });
    if (verdicts.some(({ verdict }) => verdict === 'faster' || verdict === 'slower')) corrected++;
    if (verdicts.some(({ contrast }) => contrast && pOfDifference(contrast) <= 0.05)) uncorrected++;
  }
  return { corrected: corrected / comparisons, uncorrected: uncorrected / comparisons };
}

function drawLikePairs(models: readonly Model[], launches: number, random: Random): Pair[] {
  const draw = (model: Model) =>
    Array.from({ length: launches }, (_, i) => drawLaunch(model, random, i + 1));
  return models.flatMap((model) =>
    [1, 2].map((i) => ({ cell: `${model.name} ${i}`, before: draw(model), after: draw(model) })),
  );
}

/** Cells whose throughput alone is compared; launches spread log-normally. */
export interface Planted {
  readonly cells: number;
  readonly launches: number;
  /** Standard deviation of logarithms. */
  readonly spread: number;
  /** After over before, of the first cell. */
  readonly ratio: number;
  /** After over before, of all others. */
  readonly otherRatio: number;
  readonly margin: number;
}

/** How often each verdict was given on the first cell, and on any cell. */
export interface Verdicts {
  readonly first: Readonly<Record<'faster' | 'slower' | 'equivalent', number>>;
  readonly any: Readonly<Record<'faster' | 'slower' | 'equivalent', number>>;
}

/** Shares of comparisons in which a verdict was given on the planted cell, and on any. */
export function verdictsOn(planted: Planted, repetitions: number): Verdicts {
  const random = seededRandom(3);
  const rule: ComparisonRule = {
    ...COMPARISON_RULE,
    measures: ['throughput_per_s'],
    margin: planted.margin,
  };
  const first = { faster: 0, slower: 0, equivalent: 0 };
  const any = { faster: 0, slower: 0, equivalent: 0 };
  for (let i = 0; i < repetitions; i++) {
    const verdicts = compare(drawPlanted(planted, random), rule).map(({ verdict }) => verdict);
    for (const verdict of ['faster', 'slower', 'equivalent'] as const) {
      if (verdicts[0] === verdict) first[verdict] += 1 / repetitions;
      if (verdicts.includes(verdict)) any[verdict] += 1 / repetitions;
    }
  }
  return { first, any };
}

function drawPlanted({ cells, ratio, otherRatio, ...rest }: Planted, random: Random): Pair[] {
  const { launches, spread } = rest;
  return Array.from({ length: cells }, (_, i) => ({
    cell: `cell ${i}`,
    before: drawRates(100, launches, spread, random),
    after: drawRates(100 * (i === 0 ? ratio : otherRatio), launches, spread, random),
  }));
}

/** Launches of which only the throughput is known, log-normal about `centre`. */
export function drawRates(
  centre: number,
  launches: number,
  spread: number,
  random: Random,
): Launch[] {
  const normal = normals(random);
  return Array.from({ length: launches }, (_, i) => ({
    block: i + 1,
    responses: ofSorted([]),
    effective_samples: 0,
    mean_response_ms: Number.NaN,
    throughput_per_s: centre * Math.exp(spread * normal()),
    workers: [],
  }));
}
