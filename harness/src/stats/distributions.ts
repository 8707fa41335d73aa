/**
 * The distributions that the rest of this folder needs, from jStat. Degrees of freedom are above 0
 * and need not be whole. https://jstat.github.io/distributions.html
 */
import module from 'jstat';

const { jStat } = module;

/** The probability that a standard normal value is at most `z`. */
export function normalCdf(z: number): number {
  return jStat.normal.cdf(z, 0, 1);
}

/** The value below which a standard normal one is with probability `p`. */
export function normalQuantile(p: number): number {
  return jStat.normal.inv(p, 0, 1);
}

/** The probability that Student's t is at most `t`. */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  return jStat.studentt.cdf(t, degreesOfFreedom);
}

/** The value below which Student's t is with probability `p`. */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}

/** The value below which chi-square is with probability `p`. */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.chisquare.inv(p, degreesOfFreedom);
}

/** The value in [0, 1] below which Beta(alpha, beta) is with probability `p`. */
export function betaQuantile(p: number, alpha: number, beta: number): number {
  return jStat.beta.inv(p, alpha, beta);
}
