import { type Cell, inFlightOf } from './cells.js';
import type { Experiment } from './experiment.js';
import { paceOf } from './pace.js';
import type { Trial } from './plan.js';
import { inWords } from './size.js';
import { engineOf, pollPeriodSeconds } from './systems.js';
import { windowSeconds } from './window.js';

/**
 * Seconds that a trial takes, going by what a machine of two cores took; what trials of a run really
 * took corrects it as soon as there are any.
 */
export function expectedSeconds(cell: Cell, experiment: Experiment): number {
  return measuredSeconds(cell, experiment) + secondsAround(cell, experiment);
}

/** Those of them that are not measured. */
export function secondsAround(cell: Cell, experiment: Experiment): number {
  const { busyS, waitingS, pauseS, responsesPerS } = paceOf(cell, experiment);
  const { warm_up_s, warm_up_limit_s } = experiment.repetition;
  const inFlight = inFlightOf(cell) ?? 1;
  const warmUp = warmUpTasks(cell) * (busyS * cell.workers + waitingS + pauseS);
  // Where more are in flight than there are workers, they take turns with those.
  const lastOnes = busyS * inFlight + (waitingS + pauseS) * Math.max(1, inFlight / cell.workers);
  return (
    engineOf(cell.system).cost.launchSeconds(cell.workers) +
    referenceSeconds(cell) +
    Math.min(Math.max(warmUp, warm_up_s), warm_up_limit_s) +
    lastOnes +
    responsesPerS * measuredSeconds(cell, experiment) * SECONDS_PER_SAMPLE
  );
}

/** `36 trials (12 cells × 3 launches), about 8 minutes`. */
export function sizeInWords(trials: readonly Trial[], experiment: Experiment): string {
  const cells = new Set(trials.map(({ cell }) => cell.key)).size;
  const alone = trials.reduce((sum, { cell }) => sum + expectedSeconds(cell, experiment), 0);
  const seconds = experiment.duet ? alone / 2 : alone;
  const launches = counted(experiment.repetition.launches, 'launch', 'launches');
  const what = `${counted(cells, 'cell', 'cells')} × ${launches}`;
  return `${counted(trials.length, 'trial', 'trials')} (${what}), about ${inWords(seconds)}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The window, unless so many samples end it sooner. */
function measuredSeconds(cell: Cell, experiment: Experiment): number {
  const { samples } = experiment.repetition;
  const untilSamplesS = (samples ?? Infinity) / paceOf(cell, experiment).responsesPerS;
  return Math.min(windowSeconds(cell, experiment), untilSamplesS);
}

/** Reading and compressing. */
const SECONDS_PER_SAMPLE = 6e-6;

/** The products that the load generator checks against: those of eight problems, of large ones fewer. */
function referenceSeconds({ n }: Cell): number {
  const problems = Math.min(8, Math.max(2, Math.floor(8 * (1024 / n) ** 3)));
  return (problems * 2 * n ** 3) / 5e10;
}

/** Of each worker, until it is steady: a little more than two spans (measure/load.ts). */
function warmUpTasks(cell: Cell): number {
  return cell.serviceMs > 0 || pollPeriodSeconds(cell.system) > 0 ? 2.4 : 12;
}
