import { quantile } from '../stats.js';
import { PHASES, type Phase, type Sample } from './samples.js';

/**
 * What the samples of one trial come to. Durations in milliseconds; NaN where there was nothing to
 * measure.
 */
export interface Measurement {
  /** Measured requests that ended well. */
  readonly samples: number;
  /** Wrong products and failed requests in all stages. */
  readonly wrong: number;
  readonly errors: number;
  /** What the first of those said; empty when there was none. */
  readonly firstError: string;
  readonly throughputPerS: number;
  readonly medianResponseMs: number;
  readonly p95ResponseMs: number;
  readonly meanResponseMs: number;
  /** Time in compute as a part of the time of all requests, 0 to 1. */
  readonly computeShare: number;
  readonly meanPhasesMs: Readonly<Record<Phase, number>>;
  /** Median of |closure| / response, 0 when the phases explain everything. */
  readonly medianClosureShare: number;
}

/**
 * Sums up a trial that measured for `measuredS` seconds. Only requests that ended in that time and
 * well are timed.
 */
export async function measure(
  samples: AsyncIterable<Sample>,
  measuredS: number,
): Promise<Measurement> {
  const responses: number[] = [];
  const closures: number[] = [];
  const phases = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  let wrong = 0;
  let errors = 0;
  let firstError = '';
  for await (const sample of samples) {
    if (sample.outcome === 'wrong') wrong++;
    if (sample.outcome === 'error') errors++;
    if (firstError === '') firstError = sample.error;
    if (sample.stage !== 'measured' || sample.outcome !== 'ok') continue;
    responses.push(sample.responseMs);
    closures.push(Math.abs(sample.closureMs) / sample.responseMs);
    for (const phase of PHASES) phases[phase] += sample.phasesMs[phase];
  }
  const count = responses.length;
  const total = responses.reduce((sum, response) => sum + response, 0);
  const ascending = Float64Array.from(responses).sort();
  return {
    samples: count,
    wrong,
    errors,
    firstError,
    throughputPerS: count / measuredS,
    medianResponseMs: quantile(ascending, 0.5),
    p95ResponseMs: quantile(ascending, 0.95),
    meanResponseMs: total / count,
    computeShare: phases.compute / total,
    meanPhasesMs: Object.fromEntries(PHASES.map((p) => [p, phases[p] / count])) as Record<
      Phase,
      number
    >,
    medianClosureShare: quantile(Float64Array.from(closures).sort(), 0.5),
  };
}
