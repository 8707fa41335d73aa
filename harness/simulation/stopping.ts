import { seededRandom } from '../src/experiment/random.js';
import { isDone, type StopRule } from '../src/stats/allocation.js';
import { estimateOfPositive } from '../src/stats/estimate.js';
import { normals } from '../test/stats/models.js';

/** What a cell that is launched until the rule ends it comes to. */
export interface Stopped {
  /** Of the intervals, those that hold the true value. */
  readonly share: number;
  /** Mean number of launches. */
  readonly launches: number;
}

/** Of cells whose launches are log-normal with this standard deviation of their logarithms. */
export function stopRuleCoverageOf(spread: number, rule: StopRule, repetitions: number): Stopped {
  const normal = normals(seededRandom(9));
  let holding = 0;
  let launches = 0;
  for (let i = 0; i < repetitions; i++) {
    const values: number[] = [];
    while (!isDone({ cell: '', values, cost_s: 1 }, rule)) {
      values.push(Math.exp(spread * normal()));
    }
    const { low = Number.NaN, high = Number.NaN } = estimateOfPositive(values);
    if (low <= 1 && 1 <= high) holding++;
    launches += values.length;
  }
  return { share: holding / repetitions, launches: launches / repetitions };
}
