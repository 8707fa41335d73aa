import type { Trial } from '../experiment/plan.js';
import { connectionsOf } from '../experiment/systems.js';
import { openTabs } from './browser_tabs.js';
import { Coordinator } from './coordinator.js';
import { connectionsFor, sizeFlags } from './coordinator_limits.js';
import { startSwarmWorkers } from './swarm_workers.js';
import type { Launched } from './system.js';
import {
  cpuSecondsOf,
  handOn,
  type Launch,
  logOf,
  stopProgram,
  type Workshop,
  watchedOf,
} from './workshop.js';

/** Workers that ask a coordinator for work, or are pushed it. */
export type Crew = Pick<
  Launched,
  'cpuSeconds' | 'countAttachedPages' | 'processes' | 'findDeafWorkers'
>;

/** Starts a coordinator and the workers of a trial behind it, and waits until it knows all of them. */
export async function launchSwarm(
  trial: Trial,
  workshop: Workshop,
  launch: Launch,
): Promise<Launched> {
  const { teardown, endings, losses } = launch;
  const { paths, programs, logs, signal, relay } = workshop;
  const { cell } = trial;
  const program = Coordinator.start(
    programs,
    paths.coordinator,
    {
      site: paths.site,
      room: connectionsFor(cell),
      sizes: sizeFlags(cell),
      connections: connectionsOf(cell.system) ?? 'kept',
    },
    logOf(logs, trial, 'coordinator'),
  );
  teardown.add('the coordinator', () => stopProgram(program, endings));
  const coordinator = await Coordinator.ready(program, signal);
  losses.watch(program);
  losses.during = 'before all workers asked for work';
  handOn('coordinator', [new URL(coordinator.url).host], trial, relay, teardown);

  const start = cell.system.engine === 'browser' ? openTabs : startSwarmWorkers;
  const arriving = async () => {
    const crew = await start(trial, coordinator.url, workshop, launch);
    await coordinator.waitForWorkers(cell.workers, cell.system.engine, signal);
    return crew;
  };
  const crew = await losses.cutShort(arriving());
  return {
    loadArguments: ['--coordinator', coordinator.url],
    cpuSeconds: async () => ({
      coordinator: cpuSecondsOf([program]),
      ...(await crew.cpuSeconds()),
    }),
    countAttachedPages: () => crew.countAttachedPages(),
    processes: async () => [...watchedOf([program]), ...(await crew.processes())],
    findDeafWorkers: crew.findDeafWorkers,
    askWorkers: () => coordinator.askWorkers(signal),
  };
}
