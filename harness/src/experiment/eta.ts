import { type Cell, inFlightOf } from './cells.js';
import type { Experiment } from './experiment.js';
import type { Trial } from './plan.js';
import { inWords } from './size.js';
import { collectionOf, polls, type Transport } from './systems.js';

/**
 * Seconds that a trial takes, going by what a machine of two cores took; what trials of a run really
 * took corrects it as soon as there are any.
 */
export function expectedSeconds(cell: Cell, { repetition }: Experiment): number {
  const { duration_s, warm_up_limit_s } = repetition;
  const busy = busySeconds(cell);
  const waiting = waitingSeconds(cell);
  const inFlight = inFlightOf(cell) ?? 1;
  const warmUp = warmUpTasks(cell) * (busy * cell.workers + waiting);
  // Where more are in flight than there are workers, they take turns with those.
  const lastOnes = busy * inFlight + waiting * Math.max(1, inFlight / cell.workers);
  const samples = duration_s * samplesPerSecond(cell, busy, waiting, inFlight);
  return (
    launchSeconds(cell) +
    referenceSeconds(cell) +
    Math.min(warmUp, warm_up_limit_s) +
    duration_s +
    lastOnes +
    samples * SECONDS_PER_SAMPLE
  );
}

/** `36 trials (12 cells × 3 launches), about 8 minutes`. */
export function sizeInWords(trials: readonly Trial[], experiment: Experiment): string {
  const cells = new Set(trials.map(({ cell }) => cell.key)).size;
  const seconds = trials.reduce((sum, { cell }) => sum + expectedSeconds(cell, experiment), 0);
  const launches = counted(experiment.repetition.launches, 'launch', 'launches');
  const what = `${counted(cells, 'cell', 'cells')} × ${launches}`;
  return `${counted(trials.length, 'trial', 'trials')} (${what}), about ${inWords(seconds)}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Reading and compressing. */
const SECONDS_PER_SAMPLE = 6e-6;

/** Starting and stopping. */
function launchSeconds({ system, workers }: Cell): number {
  return system.engine === 'browser' ? 0.5 + 0.16 * workers : 0.16 + 0.03 * workers;
}

/** The products that the load generator checks against: those of eight problems, of large ones fewer. */
function referenceSeconds({ n }: Cell): number {
  const problems = Math.min(8, Math.max(2, Math.floor(8 * (1024 / n) ** 3)));
  return (problems * 2 * n ** 3) / 5e10;
}

/** Of each worker, until it is steady: a little more than two spans (measure/load.ts). */
function warmUpTasks(cell: Cell): number {
  return cell.serviceMs > 0 || polls(cell.system) ? 2.4 : 12;
}

/** What it costs to bring a task to a worker and its product back, without a byte in it. */
const SECONDS_PER_TASK: Record<Transport, number> = {
  inproc: 3e-6,
  tcp: 5e-5,
  'tcp-text': 2e-4,
  grpc: 2e-4,
  rest: 4e-4,
  ws: 2e-4,
};

/** A browser takes longer over it. */
const BROWSER_SECONDS_PER_TASK = { rest: 4e-3, ws: 1e-3 };

/** Floating-point operations per second. */
const RATES = {
  origin: 3e8,
  naive: 6.6e8,
  blocked: 9e9,
  simd: 4.8e10,
  relaxed: 2.5e10,
  'relaxed-wide': 2.5e10,
  blas: 5e10,
};
const BROWSER_SIMD_RATE = 2.1e10;

/** Processor time of one task: carrying it, its matrices' bytes, and multiplying. */
function busySeconds({ system, n }: Cell): number {
  const { engine, transport, codec, kernel } = system;
  const inBrowser = engine === 'browser';
  const carrying =
    inBrowser && (transport === 'rest' || transport === 'ws')
      ? BROWSER_SECONDS_PER_TASK[transport]
      : SECONDS_PER_TASK[transport];
  const perElement = { none: 0, binary: inBrowser ? 5e-8 : 5e-9, json: inBrowser ? 4e-7 : 2e-7 };
  const rate = inBrowser && kernel === 'simd' ? BROWSER_SIMD_RATE : RATES[kernel];
  return carrying + perElement[codec] * 3 * n ** 2 + (2 * n ** 3) / rate;
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
