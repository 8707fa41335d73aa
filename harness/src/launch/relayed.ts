import type { Trial } from '../experiment/plan.js';
import { connectionsOf, engineOf, workersFor } from '../experiment/systems.js';
import { handOn, type Launch, type LaunchContext, logOf, stopProgram } from './context.js';
import { Coordinator } from './coordinator.js';
import { connectionsFor, sizeFlags } from './coordinator_limits.js';
import type { Launched, WorkerGroup } from './launched.js';
import { workersMs } from './parts/deadlines.js';
import { type Ports, ProcessPart } from './parts/process_part.js';
import { placementOf, placeTabs } from './placement.js';
import { openWorkerPages } from './worker_pages.js';
import { groupOf, startPrograms } from './worker_programs.js';

/** Starts a coordinator and the workers of a trial behind it, and waits until it knows all of them. */
export async function launchRelayed(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { losses } = launch;
  const { process, coordinator } = await startCoordinator(trial, context, launch);
  losses.during = 'before all workers asked for work';
  const noting = new AbortController();
  const workers = await losses
    .cutShort(startAndAwaitWorkers(trial, coordinator, context, launch, noting))
    .finally(() => noting.abort());
  return {
    ...workers,
    parts: [process, ...workers.parts],
    loadArguments: ['--coordinator', coordinator.url],
    processes: async () => [process, ...(await workers.processes())],
    askWorkers: () => coordinator.askWorkers(context.signal),
  };
}

async function startCoordinator(
  trial: Trial,
  context: LaunchContext,
  { teardown, endings, losses }: Launch,
): Promise<{ process: ProcessPart; coordinator: Coordinator }> {
  const { paths, programs, logs, signal, processors: among } = context;
  const { cell } = trial;
  const options = {
    site: paths.site,
    room: connectionsFor(cell),
    sizes: sizeFlags(cell),
    connections: connectionsOf(cell.system) ?? 'kept',
    processors: placementOf(cell.pin, among).between,
  };
  const log = logOf(logs, trial, 'coordinator');
  const start = ({ port }: Ports) =>
    Coordinator.start(programs, paths.coordinator, { ...options, port }, log);
  const [name, role, workerId] = ['coordinator', 'coordinator', null] as const;
  const process = new ProcessPart({ name, role, workerId, start, losses, signal });
  teardown.add('the coordinator', () => stopProgram(process, endings));
  const { address } = await process.listening({ withMetrics: false });
  process.ready.reached();
  handOn('coordinator', [address], trial, context, teardown);
  return { process, coordinator: new Coordinator(`http://${address}`) };
}

/** Starts the workers and waits for them; `noting` ends when the last is there. */
async function startAndAwaitWorkers(
  trial: Trial,
  coordinator: Coordinator,
  context: LaunchContext,
  launch: Launch,
  noting: AbortController,
): Promise<WorkerGroup> {
  const { system, workers: count } = trial.cell;
  const { signal } = context;
  // While others are still being started: the first may be there long before the last.
  const arrivals = coordinator.noteArrivals(count, AbortSignal.any([signal, noting.signal]));
  const workers = await startWorkers(trial, coordinator.url, context, launch);
  const deadlineMs = workersMs(count, engineOf(system).cost.startMsPerWorker);
  await coordinator.waitForWorkers(count, deadlineMs, signal);
  noting.abort();
  placeTabs(await workers.processes(), placementOf(trial.cell.pin, context.processors));
  const atMs = await arrivals;
  for (const { workerId, ready } of workers.parts) {
    // The last may be there before it was noted.
    if (workerId !== null) ready.reached(atMs.get(workerId));
  }
  return workers;
}

async function startWorkers(
  trial: Trial,
  coordinator: string,
  context: LaunchContext,
  launch: Launch,
): Promise<WorkerGroup> {
  const workers = workersFor(trial.cell.system, 'relayed');
  const placeOf = (workerId: string) => ({ coordinator, workerId });
  return 'page' in workers
    ? openWorkerPages(workers, placeOf, trial, context, launch)
    : groupOf(startPrograms(workers, placeOf, trial, context, launch));
}
