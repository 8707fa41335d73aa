import type { Trial } from '../experiment/plan.js';
import { connectionsOf, engineOf, workersOf } from '../experiment/systems.js';
import {
  cpuSecondsOf,
  handOn,
  type Launch,
  type LaunchContext,
  logOf,
  stopProgram,
  watchedOf,
} from './context.js';
import { Coordinator } from './coordinator.js';
import { connectionsFor, sizeFlags } from './coordinator_limits.js';
import { workersMs } from './deadlines.js';
import type { Launched, WorkerGroup } from './launched.js';
import { openWorkerPages } from './worker_pages.js';
import { groupOf, startPrograms } from './worker_programs.js';

/** Starts a coordinator and the workers of a trial behind it, and waits until it knows all of them. */
export async function launchRelayed(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { teardown, endings, losses } = launch;
  const { paths, programs, logs, signal, relay } = context;
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

  const { startMsPerWorker } = engineOf(cell.system).cost;
  const arriving = async () => {
    const workers = await startWorkers(trial, coordinator.url, context, launch);
    const deadlineMs = workersMs(cell.workers, startMsPerWorker);
    await coordinator.waitForWorkers(cell.workers, deadlineMs, signal);
    return workers;
  };
  const workers = await losses.cutShort(arriving());
  return {
    loadArguments: ['--coordinator', coordinator.url],
    cpuSeconds: async () => ({
      coordinator: cpuSecondsOf([program]),
      ...(await workers.cpuSeconds()),
    }),
    countAttachedPages: () => workers.countAttachedPages(),
    processes: async () => [...watchedOf([program]), ...(await workers.processes())],
    findDeafWorkers: workers.findDeafWorkers,
    askWorkers: () => coordinator.askWorkers(signal),
  };
}

async function startWorkers(
  trial: Trial,
  coordinator: string,
  context: LaunchContext,
  launch: Launch,
): Promise<WorkerGroup> {
  const workers = workersOf(trial.cell.system, 'relayed');
  const placeOf = (workerId: string) => ({ coordinator, workerId });
  return 'page' in workers
    ? openWorkerPages(workers, placeOf, trial, context, launch)
    : groupOf(startPrograms(workers, placeOf, trial, context, launch));
}
