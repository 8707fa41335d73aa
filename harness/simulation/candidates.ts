/**
 * Ways to make an interval of a measure of a cell, good and bad ones, to be held against each
 * other.
 */
import type { Random } from '../src/experiment/random.js';
import { estimateMeasure, reachOf } from '../src/stats/estimate.js';
import { type Launch, type Measure, measureOf, percentileOf } from '../src/stats/launch.js';
import { mean, standardDeviation, variance } from '../src/stats/moments.js';
import { quantile } from '../src/stats/quantile.js';
import { resampledQuantile, samplingVariance } from '../src/stats/sampling.js';

/** Bounds of the logarithm of a cell's measure. */
export type Interval = readonly [low: number, high: number];

export interface Candidate {
  readonly name: string;
  interval(launches: readonly Launch[], measure: Measure, random: Random): Interval;
}

const REPLICATES = 400;
const NONE: Interval = [Number.NaN, Number.NaN];

/** The one that the harness uses. */
export const IN_USE: Candidate = {
  name: "Student's t of logarithms",
  interval(launches, measure) {
    const { low, high } = estimateMeasure(launches, measure);
    return [Math.log(low ?? Number.NaN), Math.log(high ?? Number.NaN)];
  },
};

/**
 *
 * https://en.wikipedia.org/wiki/Bootstrapping_(statistics)#Deriving_confidence_intervals_from_the_bootstrap_distribution
 */
export const REJECTED: readonly Candidate[] = [
  {
    name: "Student's t",
    interval(launches, measure) {
      const values = logsOf(launches, measure).map(Math.exp);
      const error = standardDeviation(values) / Math.sqrt(values.length);
      const [low, high] = about(mean(values), error, values.length);
      return [Math.log(Math.max(0, low)), Math.log(high)];
    },
  },
  {
    name: 'percentile bootstrap of launches',
    interval(launches, measure, random) {
      const logs = logsOf(launches, measure);
      return percentiles(replicates(() => mean(resampled(logs, random))));
    },
  },
  {
    name: 'percentile bootstrap of launches, then samples',
    interval: (launches, measure, random) => percentiles(twoStages(launches, measure, random)),
  },
  {
    name: "standard error of that, with Student's t",
    interval(launches, measure, random) {
      const error = standardDeviation(twoStages(launches, measure, random));
      return about(mean(logsOf(launches, measure)), error, launches.length);
    },
  },
  {
    name: 'the same, less what it counts twice',
    interval(launches, measure, random) {
      const logs = logsOf(launches, measure);
      const n = logs.length;
      const p = percentileOf(measure);
      if (p === undefined) return NONE;
      const twice = mean(launches.map((launch) => samplingVariance(launch.responses, p))) / n;
      const squared = variance(twoStages(launches, measure, random)) - twice;
      // The bootstrap divides by n where an unbiased variance divides by n − 1.
      const error = Math.sqrt(Math.max(0, squared) * (n / (n - 1)));
      return about(mean(logs), error, n);
    },
  },
  {
    name: 'bootstrap t of launches',
    interval(launches, measure, random) {
      const logs = logsOf(launches, measure);
      const centre = mean(logs);
      const error = (values: readonly number[]) =>
        standardDeviation(values) / Math.sqrt(values.length);
      const ts = replicates(() => {
        const again = resampled(logs, random);
        const t = (mean(again) - centre) / error(again);
        return Number.isNaN(t) ? 0 : t;
      });
      const [low, high] = percentiles(ts);
      return [centre - high * error(logs), centre - low * error(logs)];
    },
  },
];

function logsOf(launches: readonly Launch[], measure: Measure): number[] {
  return launches.map((launch) => Math.log(measureOf(launch, measure) ?? Number.NaN));
}

/** Replicates of the mean over launches drawn with replacement, each with its samples redrawn. */
function twoStages(launches: readonly Launch[], measure: Measure, random: Random): number[] {
  const p = percentileOf(measure);
  if (p === undefined) return [Number.NaN];
  return replicates(() =>
    mean(
      resampled(launches, random).map(({ responses }) =>
        Math.log(resampledQuantile(responses, p, random())),
      ),
    ),
  );
}

function resampled<T>(items: readonly T[], random: Random): T[] {
  return items.map(() => items[Math.floor(random() * items.length)] as T);
}

function replicates(one: () => number): number[] {
  return Array.from({ length: REPLICATES }, one);
}

function percentiles(values: readonly number[]): Interval {
  const ascending = Float64Array.from(values).sort();
  return [quantile(ascending, 0.025), quantile(ascending, 0.975)];
}

function about(centre: number, error: number, launches: number): Interval {
  const half = reachOf(launches - 1) * error;
  return [centre - half, centre + half];
}
