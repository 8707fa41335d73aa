import { type Random, seededRandom } from '../../src/experiment/random.js';
import { normalCdf, normalQuantile } from '../../src/stats/distributions.js';
import { type Launch, type Measure, measureOf, percentileOf } from '../../src/stats/launch.js';
import { ofSorted } from '../../src/stats/response_times.js';

/** Standard normal numbers: https://en.wikipedia.org/wiki/Box%E2%80%93Muller_transform */
export function normals(random: Random): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/**
 * How made-up response times come about: exp(launch + worker + sample) ms, or, when `isNormal`,
 * 10 + launch + worker + sample ms. Launch and worker effects are drawn anew in each launch.
 */
export interface Model {
  readonly name: string;
  readonly isNormal: boolean;
  /** Standard deviations. */
  readonly sample: number;
  readonly worker: number;
  readonly launch: number;
  readonly workers: number;
  /** Requests of a launch in all. */
  readonly samples: number;
  /** Shape of the launch effect: normal, or exponential (a launch is rarely slow, then very). */
  readonly launchShape?: 'normal' | 'exponential';
}

const PLAIN = { worker: 0, launch: 0, workers: 1, samples: 200 };

/** The data on which coverage is measured. */
export const MODELS: readonly Model[] = [
  { ...PLAIN, name: 'normal', isNormal: true, sample: 1 },
  { ...PLAIN, name: 'skewed', isNormal: false, sample: 1 },
  { ...PLAIN, name: 'clustered by launch', isNormal: false, sample: 0.3, launch: 0.1 },
  { ...PLAIN, name: 'clustered by worker', isNormal: false, sample: 0.3, worker: 0.2, workers: 4 },
  {
    name: 'skewed and clustered',
    isNormal: false,
    sample: 1,
    worker: 0.2,
    launch: 0.1,
    workers: 4,
    samples: 240,
  },
];

/** A launch effect that no interval from few launches can cope with; shown, and not promised. */
export const HARD_MODEL: Model = {
  ...PLAIN,
  name: 'launches rarely slow',
  isNormal: false,
  sample: 0.3,
  launch: 0.2,
  launchShape: 'exponential',
};

/** A launch of the model; `shared` is added to its launch effect. */
export function drawLaunch(model: Model, random: Random, block = 1, shared = 0): Launch {
  const normal = normals(random);
  const launch = shared + model.launch * effectOf(model, normal, random);
  const workers = Array.from({ length: model.workers }, () => model.worker * normal());
  const responses = new Float64Array(model.samples);
  for (let i = 0; i < responses.length; i++) {
    const effect = launch + (workers[i % workers.length] as number) + model.sample * normal();
    responses[i] = model.isNormal ? 10 + effect : Math.exp(effect);
  }
  const total = responses.reduce((sum, response) => sum + response, 0);
  return {
    block,
    responses: ofSorted(responses.sort()),
    effective_samples: model.samples,
    mean_response_ms: total / model.samples,
    throughput_per_s: (1000 * model.workers * model.samples) / total,
    workers: [],
  };
}

function effectOf(model: Model, normal: () => number, random: Random): number {
  return model.launchShape === 'exponential' ? -Math.log(1 - random()) - 1 : normal();
}

/**
 * The logarithm that a measure has on average over launches: what an interval should hold. Of
 * percentiles with infinitely many samples in each launch, of others with as many as there are.
 */
export function trueLogMeasure(model: Model, measure: Measure): number {
  const p = percentileOf(measure);
  if (p !== undefined) return trueLogQuantile(model, p);
  const random = seededRandom(98);
  const draws = 20_000;
  let sum = 0;
  for (let i = 0; i < draws; i++) {
    sum += Math.log(measureOf(drawLaunch(model, random), measure) ?? Number.NaN);
  }
  return sum / draws;
}

function trueLogQuantile(model: Model, p: number): number {
  const base = model.isNormal ? 10 : 0;
  if (model.worker === 0 && model.launch === 0) {
    const value = base + model.sample * normalQuantile(p);
    return model.isNormal ? Math.log(value) : value;
  }
  if (model.isNormal) throw new RangeError(`'${model.name}' has normal clusters; expected none`);
  if (model.worker === 0) return model.sample * normalQuantile(p);
  const normal = normals(seededRandom(99));
  const draws = 4000;
  let sum = 0;
  for (let i = 0; i < draws; i++) {
    // With its mirror image, so that the median comes out exactly 0.
    const effects = Array.from({ length: model.workers }, () => model.worker * normal());
    sum += mixtureQuantile(effects, model.sample, p);
    sum -= mixtureQuantile(effects, model.sample, 1 - p);
  }
  return sum / draws / 2;
}

/** The p-quantile of normal values about equally frequent centres. */
function mixtureQuantile(centres: readonly number[], deviation: number, p: number): number {
  let low = Math.min(...centres) - 6 * deviation;
  let high = Math.max(...centres) + 6 * deviation;
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    const below = centres.reduce((sum, c) => sum + normalCdf((middle - c) / deviation), 0);
    if (below < p * centres.length) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
