import type { Trial } from '../experiment/plan.js';
import type { Teardown } from '../teardown.js';
import { launchRpcWorkers } from './rpc_workers.js';
import { launchSwarm } from './swarm.js';
import type { Endings, Workshop } from './workshop.js';

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** Processor time used so far, by part: `coordinator`, `workers`, `browser`. */
  cpuSeconds(): Promise<Record<string, number>>;
  /** Worker pages to which something is attached; undefined where there are no pages. */
  countAttachedPages(): Promise<number | undefined>;
}

/**
 * Starts the workers of a trial and whatever stands between them and the load generator; `teardown`
 * learns how to stop it.
 */
export function launchSystem(
  trial: Trial,
  workshop: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Launched> {
  switch (trial.cell.system.transport) {
    case 'inproc':
      return Promise.resolve({
        loadArguments: [],
        cpuSeconds: async () => ({}),
        countAttachedPages: async () => undefined,
      });
    case 'tcp':
    case 'tcp-text':
    case 'grpc':
      return launchRpcWorkers(trial, workshop, teardown, endings);
    case 'rest':
    case 'ws':
      return launchSwarm(trial, workshop, teardown, endings);
  }
}
