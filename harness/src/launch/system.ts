import type { Trial } from '../experiment/plan.js';
import type { WorkerState } from './coordinator.js';
import { launchRpcWorkers } from './rpc_workers.js';
import { launchSwarm } from './swarm.js';
import type { Launch, Watched, Workshop } from './workshop.js';

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** Processor time used so far, by part: `coordinator`, `workers`, `browser`. */
  cpuSeconds(): Promise<Record<string, number>>;
  /** Worker pages to which something is attached; undefined where there are no pages. */
  countAttachedPages(): Promise<number | undefined>;
  /** Whatever must run for the system to work. */
  processes(): Promise<readonly Watched[]>;
  /** The workers whose pages do not answer; null where there are no pages. */
  readonly findDeafWorkers: (() => Promise<string[]>) | null;
  /** What each worker does; null where only the load generator knows. */
  readonly askWorkers: (() => Promise<readonly WorkerState[]>) | null;
}

/**
 * Starts the workers of a trial and whatever stands between them and the load generator. How to stop
 * it, and what of it ends by itself, is told to `launch`.
 */
export function launchSystem(trial: Trial, workshop: Workshop, launch: Launch): Promise<Launched> {
  switch (trial.cell.system.transport) {
    case 'inproc':
      return Promise.resolve({
        loadArguments: [],
        cpuSeconds: async () => ({}),
        countAttachedPages: async () => undefined,
        processes: async () => [],
        findDeafWorkers: null,
        askWorkers: null,
      });
    case 'tcp':
    case 'tcp-text':
    case 'grpc':
      return launchRpcWorkers(trial, workshop, launch);
    case 'rest':
    case 'ws':
      return launchSwarm(trial, workshop, launch);
  }
}
