import { POLL_PERIOD_S } from '../systems/polling.js';
import { TOPOLOGIES } from '../systems/topologies.js';
import { type Cell, inFlightOf } from './cells.js';
import type { Experiment } from './experiment.js';
import {
  collectionOf,
  engineOf,
  pollPeriodSeconds,
  type System,
  topologyOf,
  transportOf,
} from './systems.js';

/** How fast a cell is expected to answer, going by what a machine of two cores took; in seconds. */
export interface Pace {
  /** Processor time of one task: carrying it, its matrices' bytes, and multiplying. */
  readonly busyS: number;
  /** In which nobody works on a task: a worker holds it, or somebody asks at intervals. */
  readonly waitingS: number;
  /** For how long a client waits before it submits, on average. */
  readonly pauseS: number;
  readonly responsesPerS: number;
}

const CORES = 2;

export function paceOf(cell: Cell, { load }: Pick<Experiment, 'load'>): Pace {
  const busyS = busySeconds(cell);
  const pauseS = jitterSeconds(cell.system, load) / 2;
  const waitingS = waitingSeconds(cell, pauseS > 0 || load.kind === 'open');
  // Where more are in flight than there are workers, they take turns with those.
  const atOnce = Math.min(inFlightOf(cell) ?? 1, cell.workers);
  const closedPerS = Math.min(CORES / busyS, atOnce / (busyS + waitingS + pauseS));
  return { busyS, waitingS, pauseS, responsesPerS: cell.ratePerS ?? closedPerS };
}

/**
 * Each client of a closed load waits for a time between 0 and this before it submits, all equally
 * likely: as long as the longest interval at which somebody of the system asks. A client that submits
 * at once submits right after the worker's last question, so that it would wait for the whole of
 * each interval, where one that comes at any time waits for half of it. 0 where nobody polls.
 */
export function jitterSeconds(system: System, load: Experiment['load']): number {
  const jittered = load.kind === 'closed' && load.submit === 'jittered';
  return jittered ? pollPeriodSeconds(system) : 0;
}

/** A kernel that nobody has timed takes as long as the textbook's loop. */
const UNKNOWN_RATE = 6.6e8;

function busySeconds({ system, n }: Cell): number {
  const { codec, kernel } = system;
  const { cost } = engineOf(system);
  const transport = transportOf(system);
  const { client } = TOPOLOGIES[topologyOf(system)];
  const perTask = cost.secondsPerTask[transport.name] ?? transport.secondsPerTask;
  const perElement =
    cost.secondsPerElement[codec] +
    (transport.secondsPerElement ?? 0) +
    (client === null ? 0 : cost.secondsPerElement[client.codec]);
  const carrying = perTask + (client?.secondsPerTask ?? 0) + perElement * 3 * n ** 2;
  return carrying + (2 * n ** 3) / (cost.rates[kernel] ?? UNKNOWN_RATE);
}

function waitingSeconds({ system, serviceMs }: Cell, atAnyTime: boolean): number {
  const { dispatch, collection } = POLL_PERIOD_S;
  const asking = system.dispatch === 'poll' ? dispatch / (atAnyTime ? 2 : 1) : 0;
  const collecting = collectionOf(system) === 'poll' ? collection / 2 : 0;
  return serviceMs / 1000 + asking + collecting;
}
