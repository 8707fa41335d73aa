import { studentTCdf } from './distributions.js';
import { CONFIDENCE, type Estimate, ROUNDING, reachOf } from './estimate.js';
import { type Launch, type Measure, measureOf } from './launch.js';
import { mean, variance } from './moments.js';

/**
 * Whether launches of the two cells ran interleaved, so that those of one block share what the
 * machine was like at the time (`paired`), or in runs of their own (`unpaired`).
 */
export type Design = 'paired' | 'unpaired';

/** How much larger one cell is than another, in natural logarithms. */
export interface Contrast {
  readonly design: Design;
  /** Mean of log(after / before). */
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** Standard deviation of a pair's difference, or of launches within the cells. */
  readonly spread: number;
  /** Launches before and after; equal when paired. */
  readonly launches: readonly [number, number];
}

/**
 * The contrast of two cells in one measure; undefined with fewer than two launches (or pairs) of
 * them, and where a launch does not carry the measure. A launch whose block holds none of the other
 * cell is in no pair.
 */
export function contrast(
  before: readonly Launch[],
  after: readonly Launch[],
  measure: Measure,
  design: Design,
): Contrast | undefined {
  const log = (launch: Launch) => Math.log(measureOf(launch, measure) ?? Number.NaN);
  const result =
    design === 'paired'
      ? pairedContrast(pairs(before, after).map(([b, a]) => log(a) - log(b)))
      : welchContrast(before.map(log), after.map(log));
  return result !== undefined && Number.isFinite(result.difference) ? result : undefined;
}

/**
 * Of differences of logarithms, one a block.
 * https://www.itl.nist.gov/div898/handbook/prc/section3/prc311.htm
 */
export function pairedContrast(differences: readonly number[]): Contrast | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  const spread = Math.sqrt(variance(differences));
  return {
    design: 'paired',
    difference: mean(differences),
    standardError: spread / Math.sqrt(n),
    degreesOfFreedom: n - 1,
    spread,
    launches: [n, n],
  };
}

/**
 * Of logarithms of launches, with a variance for each cell and degrees of freedom by Welch and
 * Satterthwaite. https://en.wikipedia.org/wiki/Welch%27s_t-test
 */
export function welchContrast(
  before: readonly number[],
  after: readonly number[],
): Contrast | undefined {
  const [b, a] = [before.length, after.length];
  if (b < 2 || a < 2) return undefined;
  const [vb, va] = [variance(before), variance(after)];
  return {
    design: 'unpaired',
    difference: mean(after) - mean(before),
    standardError: Math.sqrt(vb / b + va / a),
    degreesOfFreedom: welchDegreesOfFreedom(vb / b, va / a, b, a),
    spread: Math.sqrt(((b - 1) * vb + (a - 1) * va) / (b + a - 2)),
    launches: [b, a],
  };
}

/** From the squared standard errors of two means and the number of values behind each. */
export function welchDegreesOfFreedom(eb: number, ea: number, b: number, a: number): number {
  if (eb + ea === 0) return b + a - 2;
  return (eb + ea) ** 2 / (eb ** 2 / (b - 1) + ea ** 2 / (a - 1));
}

/** After over before, with its interval, unless the launches agree exactly. */
export function ratioOf(of: Contrast, confidence = CONFIDENCE): Estimate {
  const half = reachOf(of.degreesOfFreedom, confidence) * of.standardError;
  const launches = Math.min(...of.launches);
  const value = Math.exp(of.difference);
  if (half <= ROUNDING) return { value, method: 'identical', launches };
  return {
    value,
    low: Math.exp(of.difference - half),
    high: Math.exp(of.difference + half),
    method: of.design === 'paired' ? 'student-t-of-logs' : 'welch-t-of-logs',
    launches,
  };
}

/**
 * How probable a difference at least this large is, in either direction, where there is none: the
 * two-sided p-value of the t-test.
 */
export function pOfDifference(of: Contrast): number {
  if (of.difference === 0) return 1;
  return 2 * studentTCdf(-Math.abs(of.difference / of.standardError), of.degreesOfFreedom);
}

/**
 * How probable a ratio this close to 1 is where the true one is outside of 1/(1 + margin) to
 * 1 + margin: the larger p-value of two one-sided t-tests (TOST).
 * https://doi.org/10.1007/BF01068419
 */
export function pOfEquivalence(of: Contrast, margin: number): number {
  const room = Math.log1p(margin) - Math.abs(of.difference);
  if (of.standardError === 0) return room > 0 ? 0 : 1;
  return studentTCdf(-room / of.standardError, of.degreesOfFreedom);
}

function pairs(before: readonly Launch[], after: readonly Launch[]): [Launch, Launch][] {
  const ofBlock = new Map<number, Launch>();
  for (const launch of before) {
    if (ofBlock.has(launch.block)) {
      throw new RangeError(`block ${launch.block} has two launches of a cell; expected one`);
    }
    ofBlock.set(launch.block, launch);
  }
  if (new Set(after.map((launch) => launch.block)).size < after.length) {
    const blocks = after.map((launch) => launch.block).join(', ');
    throw new RangeError(`blocks ${blocks} repeat; expected one launch of a cell in each`);
  }
  return after.flatMap((launch) => {
    const other = ofBlock.get(launch.block);
    return other === undefined ? [] : [[other, launch] as [Launch, Launch]];
  });
}
