import { betaQuantile } from './distributions.js';
import { type Launch, type Measure, measureOf, percentileOf } from './launch.js';
import { mean, variance } from './moments.js';
import { rankOfQuantile } from './quantile.js';
import type { ResponseTimes } from './response_times.js';

/**
 * The p-quantile of a bootstrap resample of one launch, without resampling: the value of rank k of
 * n draws from the launch is its value at a level that is Beta(k, n − k + 1) distributed, and `u`
 * says which one of those, uniformly in (0, 1). Exact for whole k, O(1) per replicate. Hutson and
 * Ernst, The exact bootstrap mean and variance of an L-estimator, 2000,
 * https://doi.org/10.1111/1467-9868.00221
 */
export function resampledQuantile(responses: ResponseTimes, p: number, u: number): number {
  const { count } = responses;
  const rank = rankOfQuantile(count, p);
  const level = betaQuantile(u, rank, count - rank + 1);
  return responses.atRank(Math.max(1, Math.ceil(level * count)));
}

/** Enough that the variance of a normal value comes out right to 1 %. */
const REPLICATES = 64;

/**
 * The variance of the logarithm of a launch's p-quantile that comes from its finite number of
 * samples: that of its bootstrap distribution, at equally probable replicates rather than random
 * ones. Takes the samples to be independent of each other; where they are not it is too small.
 */
export function samplingVariance(responses: ResponseTimes, p: number): number {
  const replicates = Array.from({ length: REPLICATES }, (_, i) =>
    Math.log(resampledQuantile(responses, p, (i + 0.5) / REPLICATES)),
  );
  return variance(replicates);
}

/** Standard deviations of the logarithm of a launch's measure: about coefficients of variation. */
export interface Spread {
  /** Of launches, as they were measured. */
  readonly total: number;
  /** The part that longer launches would remove: few samples in each. Undefined of throughput. */
  readonly sampling?: number;
  /** The part that only more launches average out; 0 where sampling explains it all. */
  readonly launch?: number;
}

/** Of two or more launches that carry the measure; undefined of fewer. */
export function spreadOf(launches: readonly Launch[], measure: Measure): Spread | undefined {
  const logs = launches.map((launch) => Math.log(measureOf(launch, measure) ?? Number.NaN));
  const total = variance(logs);
  if (!Number.isFinite(total)) return undefined;
  const p = percentileOf(measure);
  if (p === undefined) return { total: Math.sqrt(total) };
  const sampling = mean(launches.map((launch) => samplingVariance(launch.responses, p)));
  return {
    total: Math.sqrt(total),
    sampling: Math.sqrt(sampling),
    launch: Math.sqrt(Math.max(0, total - sampling)),
  };
}
