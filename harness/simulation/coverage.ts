import { type Random, seededRandom } from '../src/experiment/random.js';
import { contrast, type Design, ratioOf } from '../src/stats/contrast.js';
import type { Launch, Measure } from '../src/stats/launch.js';
import { drawLaunch, type Model, normals, trueLogMeasure } from '../test/stats/models.js';
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
): Coverage[] {
  const random = seededRandom(7);
  const truth = trueLogMeasure(model, measure);
  const tallies = candidates.map(() => new Tally());
  for (let i = 0; i < repetitions; i++) {
    const drawn = Array.from({ length: launches }, () => drawLaunch(model, random));
    candidates.forEach((candidate, c) => {
      tallies[c]?.add(...candidate.interval(drawn, measure, random), truth);
    });
  }
  return tallies.map((tally) => tally.coverage());
}

/** What a block of a paired design does to all launches in it: the standard deviation. */
const BLOCK = 0.3;

/** Coverage of the interval of a ratio. The second cell is larger by a fifth, and spreads more. */
export function ratioCoverageOf(
  design: Design,
  model: Model,
  measure: Measure,
  launches: number,
  repetitions: number,
): Coverage {
  const random = seededRandom(8);
  const normal = normals(random);
  const other: Model = { ...model, launch: 1.5 * model.launch };
  const truth = Math.log(1.2) * (measure === 'throughput_per_s' ? -1 : 1);
  const tally = new Tally();
  for (let i = 0; i < repetitions; i++) {
    const before: Launch[] = [];
    const after: Launch[] = [];
    for (let block = 1; block <= launches; block++) {
      const shared = design === 'paired' ? BLOCK * normal() : 0;
      before.push(drawLaunch(model, random, block, shared));
      after.push(drawLaunch(other, random, block, shared + Math.log(1.2)));
    }
    const { low, high } = ratioOfAll(before, after, measure, design, random);
    tally.add(Math.log(low), Math.log(high), truth);
  }
  return tally.coverage();
}

/** In an order that no pairing may depend on. */
function ratioOfAll(
  before: Launch[],
  after: Launch[],
  measure: Measure,
  design: Design,
  random: Random,
): { low: number; high: number } {
  const of = contrast(before, random() < 0.5 ? after : after.reverse(), measure, design);
  if (of === undefined) throw new Error(`${before.length} launches gave no contrast`);
  const { low = Number.NaN, high = Number.NaN } = ratioOf(of);
  return { low, high };
}

class Tally {
  private count = 0;
  private holding = 0;
  private width = 0;

  add(low: number, high: number, truth: number): void {
    this.count++;
    if (low <= truth && truth <= high) this.holding++;
    this.width += high - low;
  }

  coverage(): Coverage {
    return { share: this.holding / this.count, width: this.width / this.count };
  }
}
