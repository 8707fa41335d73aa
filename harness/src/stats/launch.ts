import { carriesQuantile } from './quantile.js';
import { quantileOf, type ResponseTimes } from './response_times.js';

/** What one worker's requests of a launch came to: response times in ms, variance in ms². */
export interface WorkerMoments {
  readonly worker: string;
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

/** One valid launch of a cell: the unit of all statistics. */
export interface Launch {
  /** Launches of different cells with the same number ran interleaved in one block. */
  readonly block: number;
  readonly responses: ResponseTimes;
  /** How many independent response times those are worth. */
  readonly effective_samples: number;
  readonly mean_response_ms: number;
  readonly throughput_per_s: number;
  readonly workers: readonly WorkerMoments[];
}

/** What is estimated of a cell: response times in ms, throughput in requests per second. */
export const MEASURES = [
  'median_response_ms',
  'mean_response_ms',
  'p95_response_ms',
  'throughput_per_s',
] as const;
export type Measure = (typeof MEASURES)[number];

const PERCENTILES = { median_response_ms: 0.5, p95_response_ms: 0.95 } as const;

/** The percentile that a measure is, from 0 to 1; undefined when it is none. */
export function percentileOf(measure: Measure): number | undefined {
  return isPercentile(measure) ? PERCENTILES[measure] : undefined;
}

function isPercentile(measure: Measure): measure is keyof typeof PERCENTILES {
  return measure in PERCENTILES;
}

/**
 * What a launch says about a measure; undefined when its samples are too few to carry the
 * percentile.
 */
export function measureOf(launch: Launch, measure: Measure): number | undefined {
  if (!isPercentile(measure)) return launch[measure];
  const p = PERCENTILES[measure];
  if (!carriesQuantile(launch.effective_samples, p)) return undefined;
  return quantileOf(launch.responses, p);
}
