import { type Design, welchDegreesOfFreedom } from './contrast.js';
import { chiSquareQuantile, normalCdf } from './distributions.js';
import { reachOf } from './estimate.js';

/** A t-test that `compare` will make, of logarithms of launches that are normal. */
export interface Test {
  readonly design: Design;
  /** Launches before and after; equal when paired. */
  readonly launches: readonly [number, number];
  /**
   * Standard deviation of logarithms, about the coefficient of variation: of launches within each
   * cell, or of the difference of a pair.
   */
  readonly spread: number;
  /** The probability of a wrong verdict that this one test may have: α over the family's size. */
  readonly alpha: number;
}

/**
 * The probability that the test tells a true ratio from 1: exact for normal logarithms, as the mean
 * of the normal probability over what the standard error may be estimated to be.
 * https://en.wikipedia.org/wiki/Noncentral_t-distribution
 */
export function powerToFind(test: Test, ratio: number): number {
  return findingOf(test.design, test.launches, test.alpha)(Math.abs(Math.log(ratio)) / test.spread);
}

/** The smallest ratio above 1 that the test tells from 1 with probability `power`. */
export function smallestRatio(test: Test, power: number): number {
  return Math.exp(detectableShift(test.design, test.launches, test.alpha, power) * test.spread);
}

/**
 * The fewest launches of each cell that tell a true ratio from 1 with probability `power`;
 * undefined when `most` do not.
 */
export function launchesToFind(
  test: Omit<Test, 'launches'>,
  ratio: number,
  power: number,
  most = 1000,
): number | undefined {
  const isEnough = (n: number) => powerToFind({ ...test, launches: [n, n] }, ratio) >= power;
  return isEnough(most) ? smallestWhole(2, most, isEnough) : undefined;
}

/** The shift, in units of the spread, that is found with probability `power`. */
export function detectableShift(
  design: Design,
  launches: readonly [number, number],
  alpha: number,
  power: number,
): number {
  const finding = findingOf(design, launches, alpha);
  let high = 1;
  while (finding(high) < power) high *= 2;
  let low = 0;
  while (high - low > 1e-4 * high) {
    const middle = (low + high) / 2;
    if (finding(middle) < power) low = middle;
    else high = middle;
  }
  return high;
}

function findingOf(
  design: Design,
  launches: readonly [number, number],
  alpha: number,
): (shift: number) => number {
  const { error, halfWidths } = precisionOf(design, launches, alpha);
  return (shift) =>
    average(
      halfWidths,
      (half) => normalCdf((shift - half) / error) + normalCdf((-shift - half) / error),
    );
}

/** All in units of the spread. */
interface Precision {
  /** The true standard error of the difference. */
  readonly error: number;
  /** Equally probable half-widths of its 1 − α interval. */
  readonly halfWidths: readonly number[];
}

function precisionOf(design: Design, [b, a]: readonly [number, number], alpha: number): Precision {
  if (design === 'paired') {
    const reach = reachOf(b - 1, 1 - alpha);
    const halfWidths = likelyVariances(b - 1, 256).map((v) => reach * Math.sqrt(v / b));
    return { error: 1 / Math.sqrt(b), halfWidths };
  }
  const halfWidths = likelyVariances(b - 1, 16).flatMap((vb) =>
    likelyVariances(a - 1, 16).map((va) => {
      const degreesOfFreedom = welchDegreesOfFreedom(vb / b, va / a, b, a);
      return reachOf(degreesOfFreedom, 1 - alpha) * Math.sqrt(vb / b + va / a);
    }),
  );
  return { error: Math.sqrt(1 / b + 1 / a), halfWidths };
}

/** Equally probable estimates of a variance of 1: chi-square over its degrees of freedom. */
export function likelyVariances(degreesOfFreedom: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => chiSquareQuantile((i + 0.5) / count, degreesOfFreedom) / degreesOfFreedom,
  );
}

function average(values: readonly number[], of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}

/** The smallest whole number that is enough, where `high` is and all above an enough one are. */
function smallestWhole(low: number, high: number, isEnough: (n: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (isEnough(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}
