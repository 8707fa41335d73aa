import { atRank, rankOfQuantile } from './quantile.js';

/** The response times of one launch, however they are kept. In milliseconds. */
export interface ResponseTimes {
  readonly count: number;
  /**
   * The value of rank 1 to `count` in ascending order, linear between the two nearest; NaN of
   * nothing.
   */
  atRank(rank: number): number;
}

/** The p-quantile, 0 <= p <= 1; NaN of nothing. */
export function quantileOf(responses: ResponseTimes, p: number): number {
  return responses.atRank(rankOfQuantile(responses.count, p));
}

/** Response times that are at hand one by one, in ascending order. */
export function ofSorted(ascending: ArrayLike<number>): ResponseTimes {
  return { count: ascending.length, atRank: (rank) => atRank(ascending, rank) };
}

/** A value and how many response times had it: a bucket of a histogram. */
export interface Bucket {
  readonly value: number;
  readonly count: number;
}

/** Response times that were counted into buckets, ascending by value: what a histogram keeps. */
export function ofCounts(ascending: readonly Bucket[]): ResponseTimes {
  const lastRanks = new Float64Array(ascending.length);
  let count = 0;
  ascending.forEach((bucket, i) => {
    count += bucket.count;
    lastRanks[i] = count;
  });
  const valueAt = (rank: number) => ascending[firstNotBelow(lastRanks, rank)]?.value ?? Number.NaN;
  return {
    count,
    atRank(rank) {
      if (!(rank >= 1)) return Number.NaN;
      const below = valueAt(Math.floor(rank));
      return below + (valueAt(Math.ceil(rank)) - below) * (rank - Math.floor(rank));
    },
  };
}

/** The index of the first value that is not below `bound`; their number when all are. */
function firstNotBelow(ascending: ArrayLike<number>, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
