import type { Launch, WorkerMoments } from './launch.js';

/**
 * Where the variance of response times comes from. Variances in ms²; a level that the data cannot
 * tell apart is undefined and held in the next level above it.
 */
export interface VarianceSplit {
  /** Between requests of one worker in one launch. */
  readonly sample?: number;
  /** Between workers of one launch. */
  readonly worker?: number;
  /** Between launches. */
  readonly launch?: number;
}

/**
 * The variance components of samples nested in workers nested in launches, however many of each, by
 * the method of moments: each level's mean square is set to what is expected of it. An estimate
 * that comes out below 0 is given as 0. Unbiased whatever the distributions; a worker with more
 * samples weighs more. Searle, Casella and McCulloch, Variance Components, 1992, chapter 5,
 * https://doi.org/10.1002/9780470316856
 */
export function splitVariance(launches: readonly Launch[]): VarianceSplit {
  const groups = launches
    .map((launch) => launch.workers.filter((worker) => worker.count > 0))
    .filter((workers) => workers.length > 0);
  const all = groups.flat();
  const sizes = groups.map(samplesOf);
  const samples = samplesOf(all);
  const freedom = {
    sample: samples - all.length,
    worker: all.length - groups.length,
    launch: groups.length - 1,
  };
  if (freedom.sample <= 0) return {};

  const inWorkers = sum(all, (w) => (w.count > 1 ? (w.count - 1) * w.variance : 0));
  const sample = inWorkers / freedom.sample;
  const inLaunches = sum(groups, (workers) => betweenWorkers(workers));
  // Σ over launches of Σ n² / n: how unevenly each launch's samples fall on its workers.
  const unevenness = sum(
    groups,
    (workers) => sum(workers, (w) => w.count ** 2) / samplesOf(workers),
  );
  const worker =
    freedom.worker > 0
      ? (inLaunches / freedom.worker - sample) / ((samples - unevenness) / freedom.worker)
      : undefined;
  const launch = freedom.launch > 0 ? launchComponent() : undefined;
  return {
    sample,
    ...(worker !== undefined && { worker: Math.max(0, worker) }),
    ...(launch !== undefined && { launch: Math.max(0, launch) }),
  };

  function launchComponent(): number {
    const grand = meanOf(all);
    const between = sum(groups, (workers) => samplesOf(workers) * (meanOf(workers) - grand) ** 2);
    const perWorker = (unevenness - sum(all, (w) => w.count ** 2) / samples) / freedom.launch;
    const perLaunch = (samples - sum(sizes, (n) => n ** 2) / samples) / freedom.launch;
    return (between / freedom.launch - sample - perWorker * (worker ?? 0)) / perLaunch;
  }
}

function betweenWorkers(workers: readonly WorkerMoments[]): number {
  const centre = meanOf(workers);
  return sum(workers, (worker) => worker.count * (worker.mean - centre) ** 2);
}

function samplesOf(workers: readonly WorkerMoments[]): number {
  return sum(workers, (worker) => worker.count);
}

function meanOf(workers: readonly WorkerMoments[]): number {
  return sum(workers, (worker) => worker.count * worker.mean) / samplesOf(workers);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
