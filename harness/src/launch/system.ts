import type { Trial } from '../experiment/plan.js';
import { topologyOf } from '../experiment/systems.js';
import type { Topology } from '../systems/fields.js';
import type { Launch, LaunchContext } from './context.js';
import { launchDirect } from './direct.js';
import { launchFront } from './front.js';
import type { Launched } from './launched.js';
import { launchRelayed } from './relayed.js';

type Launcher = (trial: Trial, context: LaunchContext, launch: Launch) => Promise<Launched>;

const LAUNCHERS: Readonly<Record<Topology, Launcher>> = {
  'in-process': launchNothing,
  direct: launchDirect,
  front: launchFront,
  relayed: launchRelayed,
};

/**
 * Starts the workers of a trial and whatever stands between them and the load generator. How to stop
 * it, and what of it ends by itself, is told to `launch`.
 */
export function launchSystem(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  return LAUNCHERS[topologyOf(trial.cell.system)](trial, context, launch);
}

/** The load generator's threads compute. */
async function launchNothing(): Promise<Launched> {
  return {
    loadArguments: [],
    server: null,
    links: new Map(),
    parts: [],
    countAttachedPages: async () => undefined,
    processes: async () => [],
    findDeafWorkers: null,
    askWorkers: null,
  };
}
