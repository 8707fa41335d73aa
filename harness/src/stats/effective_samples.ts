import { chiSquareQuantile } from './distributions.js';
import { RunningMoments } from './moments.js';

/** Fewer blocks say too little of how much their means differ. */
const FEWEST_BLOCKS = 32;

/** The probability with which samples that are independent may be taken for ones that are not. */
const ALPHA = 0.025;

/**
 * How many independent samples a sequence is worth, in memory that grows with the logarithm of its
 * length. Neighbours are joined to blocks of 2, 4, 8, …: of independent samples, means of blocks of m
 * vary 1/m as much as samples do, and whatever more they vary, samples have in common with their
 * neighbours. Flyvbjerg and Petersen, Error estimates on averages of correlated data, 1989,
 * https://doi.org/10.1063/1.457480
 */
export class EffectiveSamples {
  /** Level l holds means of blocks of 2^l samples, and one that still waits for its neighbour. */
  private readonly levels: Level[] = [];

  /** The next of the sequence. */
  record(value: number): void {
    let mean = value;
    for (let level = 0; ; level++) {
      const { means, waiting } = this.levels[level] ?? { means: new RunningMoments() };
      means.record(mean);
      this.levels[level] = { means, ...(waiting === undefined && { waiting: mean }) };
      if (waiting === undefined) return;
      mean = (waiting + mean) / 2;
    }
  }

  /**
   * At most as many as there were samples, and fewer only as far as that is beyond chance: as many as
   * the lower bound of the one-sided 97.5 % interval of the variance of the largest blocks leaves.
   */
  count(): number {
    const [samples] = this.levels;
    if (samples === undefined) return 0;
    const largest = this.levels.findLastIndex(({ means }) => means.count >= FEWEST_BLOCKS);
    const blocks = this.levels[largest]?.means;
    if (blocks === undefined || samples.means.variance === 0) return samples.means.count;
    const inflation = (2 ** largest * blocks.variance) / samples.means.variance;
    const degreesOfFreedom = blocks.count - 1;
    const least = (inflation * degreesOfFreedom) / chiSquareQuantile(1 - ALPHA, degreesOfFreedom);
    return samples.means.count / Math.max(1, least);
  }
}

interface Level {
  readonly means: RunningMoments;
  readonly waiting?: number;
}
