import { type Cell, inFlightOf } from './cells.js';
import type { Experiment } from './experiment.js';
import type { Trial } from './plan.js';
import { inWords } from './size.js';
import { collectionOf, engineOf, polls, transportOf } from './systems.js';

/**
 * Seconds that a trial takes, going by what a machine of two cores took; what trials of a run really
 * took corrects it as soon as there are any.
 */
export function expectedSeconds(cell: Cell, { repetition }: Experiment): number {
  const { warm_up_s, warm_up_limit_s } = repetition;
  const busy = busySeconds(cell);
  const waiting = waitingSeconds(cell);
  const inFlight = inFlightOf(cell) ?? 1;
  const warmUp = warmUpTasks(cell) * (busy * cell.workers + waiting);
  // Where more are in flight than there are workers, they take turns with those.
  const lastOnes = busy * inFlight + waiting * Math.max(1, inFlight / cell.workers);
  const rate = samplesPerSecond(cell, busy, waiting, inFlight);
  const warmUpS = Math.min(Math.max(warmUp, warm_up_s), warm_up_limit_s);
  const measuredS = Math.min(repetition.duration_s, (repetition.samples ?? Infinity) / rate);
  return (
    engineOf(cell.system).cost.launchSeconds(cell.workers) +
    referenceSeconds(cell) +
    warmUpS +
    measuredS +
    lastOnes +
    rate * measuredS * SECONDS_PER_SAMPLE
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

/** Reading and compressing. */
const SECONDS_PER_SAMPLE = 6e-6;

/** The products that the load generator checks against: those of eight problems, of large ones fewer. */
function referenceSeconds({ n }: Cell): number {
  const problems = Math.min(8, Math.max(2, Math.floor(8 * (1024 / n) ** 3)));
  return (problems * 2 * n ** 3) / 5e10;
}

/** Of each worker, until it is steady: a little more than two spans (measure/load.ts). */
function warmUpTasks(cell: Cell): number {
  return cell.serviceMs > 0 || polls(cell.system) ? 2.4 : 12;
}

/** A kernel that nobody has timed takes as long as the textbook's loop. */
const UNKNOWN_RATE = 6.6e8;

/** Processor time of one task: carrying it, its matrices' bytes, and multiplying. */
function busySeconds({ system, n }: Cell): number {
  const { codec, kernel } = system;
  const { cost } = engineOf(system);
  const transport = transportOf(system);
  const carrying = cost.secondsPerTask[transport.name] ?? transport.secondsPerTask;
  const rate = cost.rates[kernel] ?? UNKNOWN_RATE;
  return carrying + cost.secondsPerElement[codec] * 3 * n ** 2 + (2 * n ** 3) / rate;
}

/** In which nobody works on the task: a worker holds it, or somebody asks at intervals. */
function waitingSeconds({ system, serviceMs }: Cell): number {
  const asking = system.dispatch === 'poll' ? 2 : 0;
  const collecting = collectionOf(system) === 'poll' ? 0.25 : 0;
  return serviceMs / 1000 + asking + collecting;
}

function samplesPerSecond(cell: Cell, busy: number, waiting: number, inFlight: number): number {
  return cell.ratePerS ?? Math.min(2 / busy, inFlight / (busy + waiting));
}
