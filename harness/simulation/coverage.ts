import { drawLaunch, type Model, trueLogMeasure } from '../test/stats/models.js';
import { seededRandom } from '../src/experiment/random.js';
import type { Measure } from '../src/stats/launch.js';
import type { Candidate } from './candidates.js';

/** The share of intervals that hold the true value, and their mean width in logarithms. */
export interface Coverage {
  readonly share: number;
  readonly width: number;
}

/** Coverage of each candidate, on the same made-up launches. */
export function coverageOf(
  candidates: readonly Candidate[],
  model: Model,
  measure: Measure,
  launches: number,
  repetitions: number,
  seed: number,
): Coverage[] {
  const random = seededRandom(seed);
  const truth = trueLogMeasure(model, measure);
  const tallies = candidates.map(() => ({ holding: 0, width: 0 }));
  for (let i = 0; i < repetitions; i++) {
    const drawn = Array.from({ length: launches }, () => drawLaunch(model, random));
    candidates.forEach((candidate, c) => {
      const [low, high] = candidate.interval(drawn, measure, random);
      const tally = tallies[c] as { holding: number; width: number };
      if (low <= truth && truth <= high) tally.holding++;
      tally.width += high - low;
    });
  }
  return tallies.map(({ holding, width }) => ({
    share: holding / repetitions,
    width: width / repetitions,
  }));
}
