import { EffectiveSamples } from '../stats/effective_samples.js';
import { RunningMoments } from '../stats/moments.js';
import { ofCounts, quantileOf } from '../stats/response_times.js';
import { type FaultEffects, FaultEffectsCount, kindOfError } from './fault_effects.js';
import { DurationHistogram } from './histogram.js';
import { type LevelShift, Levels } from './level_shift.js';
import { PHASES, type Phase, type Sample } from './samples.js';
import { ProductCount } from './throughput.js';
import type { Window } from './window.js';

/**
 * What the samples of one trial come to. Durations in milliseconds; NaN where there was nothing to
 * measure. Quantiles are read off histograms, right to 0.01 %; everything else is exact.
 */
export interface Measurement {
  /** Measured requests that ended well; in an open load also after the measured time. */
  readonly samples: number;
  /** How many independent response times those that were timed are worth: what percentiles rest on. */
  readonly effectiveSamples: number;
  /** Wrong products and failed requests in all stages. */
  readonly wrong: number;
  readonly errors: number;
  /** Of the failed requests, those that were turned away. */
  readonly refused: number;
  /** Requests of an open load that had not ended when it gave them up: the system did not keep up. */
  readonly unfinished: number;
  /** What the first of those said; empty when there was none. */
  readonly firstError: string;
  /** Right products of the measured time, by the rule of throughput.ts; NaN of a jittered load. */
  readonly throughputPerS: number;
  readonly medianResponseMs: number;
  readonly p95ResponseMs: number;
  readonly meanResponseMs: number;
  /** Time in compute as a part of the time of all requests, 0 to 1. */
  readonly computeShare: number;
  readonly meanPhasesMs: MeanPhases;
  /** Median and 99th percentile of |unaccounted| / response, 0 when the phases explain everything. */
  readonly medianUnaccountedShare: number;
  readonly p99UnaccountedShare: number;
  /** Of the response time of an open load, how late the load generator set off. */
  readonly meanLatenessMs: number;
  /** By how much the phases that end on another process's clock may be longer or shorter. */
  readonly meanClockErrorMs: number;
  /** Mean response time of the first requests of each worker, which are part of the warm-up. */
  readonly firstResponseMs: number;
  readonly workers: readonly WorkerMoments[];
  /** Of each worker that ever delivered, the longest time of the measured one in which it did not. */
  readonly silences: readonly Silence[];
  /** Where the level of the response times changed most; null where too few samples tell. */
  readonly levelShift: LevelShift | null;
  /** Absent where no faults were to be injected. */
  readonly faultEffects?: FaultEffects;
  readonly responses: DurationHistogram;
}

export interface Silence {
  readonly worker: string;
  readonly longestMs: number;
}

/** The mean of each phase that the samples tell apart. */
export type MeanPhases = Readonly<Partial<Record<Phase, number>>>;

/** The response times of the requests that one worker computed. */
export interface WorkerMoments {
  readonly worker: string;
  readonly samples: number;
  readonly mean_ms: number;
  /** Sample variance; NaN of fewer than two. */
  readonly variance_ms2: number;
}

/** A response time of 0, below what clocks resolve, has no logarithm. */
const SHORTEST_MS = 1e-6;

/**
 * Sums up a trial, in memory that does not grow with the
 * samples. Only requests of that time that ended well are timed, and in an open load those that were
 * given up, with the time for which they had been waited by then.
 */
export async function measure(
  samples: AsyncIterable<Sample>,
  window: Window,
): Promise<Measurement> {
  const responses = DurationHistogram.empty();
  const effective = new EffectiveSamples();
  // Shares, to six digits after the point.
  const unaccounted = DurationHistogram.empty();
  const phases: number[] = [];
  const workers = new Map<string, RunningMoments>();
  const first = new Map<string, number>();
  let count = 0;
  let totalMs = 0;
  let okMs = 0;
  let lateMs = 0;
  let clockErrorMs = 0;
  const products = new ProductCount(window);
  const silences = new Silences(window);
  const levels = new Levels(window);
  const faults = window.faults && new FaultEffectsCount(window, window.faults);
  let wrong = 0;
  let errors = 0;
  let refused = 0;
  let unfinished = 0;
  let firstError = '';
  for await (const sample of samples) {
    if (sample.outcome === 'wrong') wrong++;
    if (sample.outcome === 'error') {
      errors++;
      if (kindOfError(sample.error) === 'refused') refused++;
    }
    faults?.record(sample);
    if (sample.outcome === 'unfinished') unfinished++;
    else if (firstError === '') firstError = sample.error;
    if (sample.outcome === 'ok' && !first.has(sample.worker)) {
      first.set(sample.worker, sample.responseMs);
    }
    if (sample.outcome === 'ok') {
      silences.record(sample);
      products.record(sample);
    }
    if (sample.stage !== 'measured') continue;
    // To leave out what took too long would flatter a system that does not keep up.
    if (sample.outcome === 'ok' || sample.outcome === 'unfinished') {
      responses.record(sample.responseMs);
      effective.record(Math.log(Math.max(sample.responseMs, SHORTEST_MS)));
      totalMs += sample.responseMs;
      lateMs += sample.latenessMs;
    }
    if (sample.outcome !== 'ok') continue;
    count++;
    levels.record(sample);
    unaccounted.record(Math.abs(sample.unaccountedMs) / sample.responseMs);
    okMs += sample.responseMs;
    clockErrorMs += sample.clockErrorMs;
    sample.phasesMs.forEach((ms, i) => {
      phases[i] = (phases[i] ?? 0) + ms;
    });
    momentsOf(workers, sample.worker).record(sample.responseMs);
  }
  const meanPhases = PHASES.map((phase, i) => [phase, (phases[i] ?? 0) / count]);
  const firsts = [...first.values()];
  const responseTimes = ofCounts(responses.counts());
  const unaccountedShares = ofCounts(unaccounted.counts());
  return {
    samples: count,
    effectiveSamples: effective.count(),
    wrong,
    errors,
    refused,
    unfinished,
    firstError,
    throughputPerS: products.perS,
    medianResponseMs: quantileOf(responseTimes, 0.5),
    p95ResponseMs: quantileOf(responseTimes, 0.95),
    meanResponseMs: totalMs / responses.count,
    meanLatenessMs: lateMs / responses.count,
    meanClockErrorMs: clockErrorMs / count,
    computeShare: (phases[PHASES.indexOf('compute')] ?? 0) / okMs,
    meanPhasesMs: Object.fromEntries(meanPhases),
    medianUnaccountedShare: quantileOf(unaccountedShares, 0.5),
    p99UnaccountedShare: quantileOf(unaccountedShares, 0.99),
    firstResponseMs: firsts.reduce((sum, ms) => sum + ms, 0) / firsts.length,
    workers: [...workers].map(([worker, moments]) => toWorkerMoments(worker, moments)),
    silences: silences.toRows(),
    levelShift: levels.shift(),
    ...(faults && { faultEffects: faults.result() }),
    responses,
  };
}

/** Looks for the longest silence of each worker in the window; rows come about in order. */
class Silences {
  private readonly startMs: number;
  private readonly endMs: number;
  private readonly known = new Map<string, { lastMs: number; longestMs: number }>();

  constructor({ warm_up_s, measured_s }: Window) {
    this.startMs = warm_up_s * 1000;
    this.endMs = this.startMs + measured_s * 1000;
  }

  record({ worker, startMs, responseMs }: Sample): void {
    const atMs = Math.min(Math.max(startMs + responseMs, this.startMs), this.endMs);
    const { lastMs, longestMs } = this.known.get(worker) ?? { lastMs: this.startMs, longestMs: 0 };
    this.known.set(worker, {
      lastMs: Math.max(lastMs, atMs),
      longestMs: Math.max(longestMs, atMs - lastMs),
    });
  }

  toRows(): Silence[] {
    return [...this.known].map(([worker, { lastMs, longestMs }]) => ({
      worker,
      longestMs: Math.max(longestMs, this.endMs - lastMs),
    }));
  }
}

function momentsOf(workers: Map<string, RunningMoments>, worker: string): RunningMoments {
  const known = workers.get(worker);
  if (known !== undefined) return known;
  const fresh = new RunningMoments();
  workers.set(worker, fresh);
  return fresh;
}

function toWorkerMoments(worker: string, { count, mean, variance }: RunningMoments): WorkerMoments {
  return { worker, samples: count, mean_ms: mean, variance_ms2: variance };
}
