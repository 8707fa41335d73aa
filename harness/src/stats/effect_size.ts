import type { Contrast } from './contrast.js';
import { normalCdf } from './distributions.js';
import { CONFIDENCE } from './estimate.js';
import { mean } from './moments.js';
import { likelyVariances } from './power.js';

/** A difference in standard deviations of launches, with its interval. */
export interface EffectSize {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Hedges' g of the logarithms: the difference over the spread of launches (of pairs' differences
 * when paired), less its bias with few launches. Its interval is that of the noncentral t, which
 * takes the spread of both cells to be the same. Infinite bounds where launches do not differ at
 * all. https://en.wikipedia.org/wiki/Effect_size#Hedges'_g https://doi.org/10.1177/0013164401614002
 */
export function effectSize({ design, difference, spread, launches }: Contrast): EffectSize {
  const [b, a] = launches;
  const unit = design === 'paired' ? 1 / Math.sqrt(b) : Math.sqrt(1 / b + 1 / a);
  const degreesOfFreedom = design === 'paired' ? b - 1 : b + a - 2;
  const t = difference / (spread * unit);
  if (!Number.isFinite(t)) {
    const value = difference === 0 ? 0 : difference / 0;
    return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  }
  const [low, high] = noncentralityOf(t, degreesOfFreedom);
  const unbiased = 1 - 3 / (4 * degreesOfFreedom - 1);
  return { value: unbiased * t * unit, low: low * unit, high: high * unit };
}

/** The noncentralities under which a t as large, and one as small, is just not too improbable. */
function noncentralityOf(t: number, degreesOfFreedom: number): [number, number] {
  const tail = (1 - CONFIDENCE) / 2;
  const variances = likelyVariances(degreesOfFreedom, 256);
  const solve = (probability: number) => {
    // The probability of at most t falls with the noncentrality.
    let [low, high] = [t - 8 - Math.abs(t) * 8, t + 8 + Math.abs(t) * 8];
    while (high - low > 1e-6 * (1 + Math.abs(t))) {
      const middle = (low + high) / 2;
      if (noncentralTCdf(t, variances, middle) > probability) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return [solve(1 - tail), solve(tail)];
}

/**
 * The probability that noncentral t is at most `t`, as the mean of Φ(t·√(χ²/ν) − δ) over equally
 * probable χ²/ν; with 256 of them right to 0.001.
 * https://en.wikipedia.org/wiki/Noncentral_t-distribution#Cumulative_distribution_function
 */
export function noncentralTCdf(
  t: number,
  variances: readonly number[],
  noncentrality: number,
): number {
  return mean(variances.map((variance) => normalCdf(t * Math.sqrt(variance) - noncentrality)));
}
