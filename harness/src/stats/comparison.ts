import { type RunSpread, withSpreadBetween } from './between_runs.js';
import {
  type Contrast,
  contrast,
  type Design,
  pOfDifference,
  pOfEquivalence,
  ratioOf,
} from './contrast.js';
import type { Estimate } from './estimate.js';
import { holm } from './holm.js';
import type { Launch, Measure } from './launch.js';
import { detectableShift } from './power.js';

/** A cell that was measured twice: in two runs, or two cells of one run that are held together. */
export interface Pair {
  readonly cell: string;
  readonly before: readonly Launch[];
  readonly after: readonly Launch[];
}

/**
 * `equivalent`: the ratio is within the margin, though it may well differ from 1; `unsure`: launches
 * differ too much from each other, or are too few, for any of the others.
 */
export type Verdict = 'faster' | 'slower' | 'equivalent' | 'unsure';

/** What became of one measure of one cell. */
export interface Comparison {
  readonly cell: string;
  readonly measure: Measure;
  /** Absent where there is too little to test anything. */
  readonly verdict?: Verdict;
  /** What the rest comes from, for `effectSize` too; absent when there is too little for any. */
  readonly contrast?: Contrast;
  /** After over before. */
  readonly ratio?: Estimate;
  /** Adjusted for the family, so they compare with α itself. */
  readonly pOfDifference?: number;
  readonly pOfEquivalence?: number;
  /**
   * The smallest ratio above 1 that such launches and such a spread find with the probability
   * `power`, given the size of the family.
   */
  readonly smallestRatio?: number;
}

export interface ComparisonRule {
  readonly design: Design;
  /** A ratio between 1/(1 + margin) and 1 + margin makes no difference to anyone. */
  readonly margin: number;
  readonly measures: readonly Measure[];
  /** The probability with which any verdict of the family may be wrong. */
  readonly alpha: number;
  /** For `smallestRatio`. */
  readonly power: number;
  /** By measure, how much whole runs of the same differ; where there is none it is not included. */
  readonly betweenRuns?: Readonly<Partial<Record<Measure, RunSpread>>>;
}

export const COMPARISON_RULE: ComparisonRule = {
  design: 'unpaired',
  margin: 0.05,
  // Not the mean: of a closed load it is what throughput says, and would only make the family larger.
  measures: ['median_response_ms', 'p95_response_ms', 'throughput_per_s'],
  alpha: 0.05,
  power: 0.8,
};

/**
 * The verdict on each measure of each cell. The family over which Holm's correction holds α is
 * every measure of every cell of the call: a comparison without any true difference says `faster`
 * or `slower` anywhere with probability α at most, and one where each differs by more than the
 * margin says `equivalent` anywhere with probability α at most. To compare fewer measures is to see
 * smaller effects.
 */
export function compare(
  pairs: readonly Pair[],
  rule: ComparisonRule = COMPARISON_RULE,
): Comparison[] {
  if (!(rule.margin > 0)) throw new RangeError(`margin is ${rule.margin}; expected more than 0`);
  const asked = pairs.flatMap(({ cell, before, after }) =>
    rule.measures.map((measure) => ({
      cell,
      measure,
      contrast: contrastUnder(rule, before, after, measure),
    })),
  );
  const family = asked.flatMap((one) => one.contrast ?? []);
  const different = holm(family.map(pOfDifference));
  const equivalent = holm(family.map((of) => pOfEquivalence(of, rule.margin)));
  const shiftOf = memoised((of: Contrast) =>
    detectableShift(of.design, of.launches, rule.alpha / family.length, rule.power),
  );
  return asked.map(({ cell, measure, contrast: of }) => {
    if (of === undefined) return { cell, measure };
    const place = family.indexOf(of);
    const p = { different: different[place] as number, equivalent: equivalent[place] as number };
    return {
      cell,
      measure,
      verdict: judge(of, measure, p, rule.alpha),
      contrast: of,
      ratio: ratioOf(of),
      pOfDifference: p.different,
      pOfEquivalence: p.equivalent,
      smallestRatio: Math.exp(shiftOf(of) * spreadOfTest(of, rule.betweenRuns?.[measure])),
    };
  });
}

function contrastUnder(
  { design, betweenRuns }: ComparisonRule,
  before: readonly Launch[],
  after: readonly Launch[],
  measure: Measure,
): Contrast | undefined {
  const of = contrast(before, after, measure, design);
  const between = betweenRuns?.[measure];
  return of === undefined || between === undefined ? of : withSpreadBetween(of, between);
}

/** What launches would have to spread by for the test to be as coarse as it is. */
function spreadOfTest(of: Contrast, between: RunSpread | undefined): number {
  const [b, a] = of.launches;
  return between === undefined ? of.spread : of.standardError / Math.sqrt(1 / b + 1 / a);
}

function judge(
  of: Contrast,
  measure: Measure,
  p: { different: number; equivalent: number },
  alpha: number,
): Verdict {
  if (p.equivalent <= alpha) return 'equivalent';
  if (p.different > alpha) return 'unsure';
  const isRate = measure === 'throughput_per_s';
  return of.difference > 0 === isRate ? 'faster' : 'slower';
}

/** Cells mostly have the same number of launches, and then the same answer. */
function memoised(shift: (of: Contrast) => number): (of: Contrast) => number {
  const known = new Map<string, number>();
  return (of) => {
    const key = of.launches.join();
    const value = known.get(key) ?? shift(of);
    known.set(key, value);
    return value;
  };
}
