import { studentTQuantile } from './distributions.js';
import { type Launch, type Measure, measureOf } from './launch.js';
import { mean, standardDeviation } from './moments.js';

/**
 * How an interval was made; `none`: too little is known for one; `identical`: launches that agree
 * exactly do not say how much they vary, so there is none either. docs/statistics.md has them all.
 */
export type Method = 'student-t' | 'student-t-of-logs' | 'welch-t-of-logs' | 'none' | 'identical';

/**
 * A value with the bounds between which its true one lies with 95 % confidence, where enough is
 * known to say so.
 */
export interface Estimate {
  /** NaN where not even that is known. */
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly method: Method;
  /** What it rests on; of a ratio the launches of the cell that has fewer, or the pairs. */
  readonly launches: number;
}

/** The confidence of every interval, unless told otherwise. */
export const CONFIDENCE = 0.95;

/**
 * The two-sided quantile of Student's t: the interval reaches so many standard errors either way.
 */
export function reachOf(degreesOfFreedom: number, confidence = CONFIDENCE): number {
  return studentTQuantile((1 + confidence) / 2, degreesOfFreedom);
}

/**
 * The mean over launches with its interval by Student's t: mean ± t · s / √n. A launch is the unit,
 * since samples of one launch are not independent of each other; from a single launch no interval
 * follows. For what may be 0 or below; what is always positive is better off with
 * `estimateOfPositive`. https://www.itl.nist.gov/div898/handbook/eda/section3/eda352.htm
 */
export function estimateOverLaunches(values: readonly number[]): Estimate {
  const value = mean(values);
  const launches = values.length;
  if (launches < 2 || !Number.isFinite(value)) return { value, method: 'none', launches };
  if (agree(values)) return { value: values[0] as number, method: 'identical', launches };
  const half = (reachOf(launches - 1) * standardDeviation(values)) / Math.sqrt(launches);
  return { value, low: value - half, high: value + half, method: 'student-t', launches };
}

/**
 * The geometric mean over launches with the interval of `estimateOverLaunches` on the logarithms:
 * for times and rates, whose disturbances multiply. s / √n is what a bootstrap over launches then
 * samples comes to once the samples' share, which s already holds, is no longer counted twice, and
 * Student's t widens it for the few launches that s is known from. NaN without an interval where a
 * value is not above 0. https://en.wikipedia.org/wiki/Geometric_standard_deviation
 */
export function estimateOfPositive(values: readonly number[]): Estimate {
  const [first = Number.NaN] = values;
  if (values.length > 1 && agree(values)) {
    return { value: first, method: 'identical', launches: values.length };
  }
  const { value, low, high, method, launches } = estimateOverLaunches(values.map(Math.log));
  if (low === undefined || high === undefined) {
    return { value: launches === 1 ? first : Math.exp(value), method, launches };
  }
  return {
    value: Math.exp(value),
    low: Math.exp(low),
    high: Math.exp(high),
    method: 'student-t-of-logs',
    launches,
  };
}

/** As far as rounding may separate values that are equal, relative to them. */
export const ROUNDING = 1e-12;

/** Whether values differ by no more than rounding, so that nothing is known of how they vary. */
function agree(values: readonly number[]): boolean {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most - least <= ROUNDING * Math.max(Math.abs(least), Math.abs(most));
}

/**
 * A measure of a cell, over all of its launches. NaN when one of them has too few samples to carry
 * the percentile: to leave that one out would favour the fast launches.
 */
export function estimateMeasure(launches: readonly Launch[], measure: Measure): Estimate {
  return estimateOfPositive(launches.map((launch) => measureOf(launch, measure) ?? Number.NaN));
}

/**
 * Half of the interval's width over the value, the figure that a stop rule looks at; infinite
 * where there is no interval.
 */
export function relativeHalfWidth({ value, low, high }: Estimate): number {
  if (low === undefined || high === undefined) return Number.POSITIVE_INFINITY;
  return (high - low) / 2 / Math.abs(value);
}
