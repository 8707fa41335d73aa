/** Pure statistics: numbers in, numbers out. */

/**
 * A value with the bounds between which its true one lies with 95 % confidence, where enough is
 * known to say so.
 */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** The sum divided by the count; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Sample standard deviation (n − 1 in the denominator); NaN of fewer than two.
 * https://en.wikipedia.org/wiki/Standard_deviation#Corrected_sample_standard_deviation
 */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1));
}

/**
 * The p-quantile, 0 <= p <= 1, of values in ascending order, linear between the two nearest:
 * definition 7 of Hyndman and Fan, the default of R and NumPy. NaN of nothing.
 * https://en.wikipedia.org/wiki/Quantile#Estimating_quantiles_from_a_sample
 */
export function quantile(ascending: ArrayLike<number>, p: number): number {
  const position = (ascending.length - 1) * p;
  const below = ascending[Math.floor(position)] ?? Number.NaN;
  const above = ascending[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * The mean over launches with its 95 % interval by Student's t: mean ± t(0.975, n − 1) · s / √n. A
 * launch is the unit, since samples of one launch are not independent of each other; from a single
 * launch no interval follows. https://www.itl.nist.gov/div898/handbook/eda/section3/eda352.htm
 */
export function estimateOverLaunches(values: readonly number[]): Estimate {
  const value = mean(values);
  if (values.length < 2) return { value };
  const half =
    (studentT975(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { value, low: value - half, high: value + half };
}

/** t(0.975, ν) for ν = 1…9: https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm */
const T975 = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622];

/**
 * The 0.975 quantile of Student's t with a whole number ν >= 1 of degrees of freedom: from a table
 * below 10, from there by its expansion about the normal quantile (Abramowitz and Stegun 26.7.5),
 * right to 0.0005. https://personal.math.ubc.ca/~cbm/aands/page_949.htm
 */
export function studentT975(degreesOfFreedom: number): number {
  const tabulated = T975[degreesOfFreedom - 1];
  if (tabulated !== undefined) return tabulated;
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degreesOfFreedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degreesOfFreedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degreesOfFreedom ** 3)
  );
}

/**
 * Whether so many samples carry the p-quantile: at least ten of them are expected beyond it, so
 * that it does not hang on one or two (200 samples for p95).
 */
export function carriesQuantile(samples: number, p: number): boolean {
  return samples * (1 - p) >= 10 - 1e-9;
}
