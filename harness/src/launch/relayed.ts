import type { Trial } from '../experiment/plan.js';
import { connectionsOf, engineOf, workersFor } from '../experiment/systems.js';
import { handOn, type Launch, type LaunchContext, logOf, stopProgram } from './context.js';
import { Coordinator } from './coordinator.js';
import { connectionsFor, sizeFlags } from './coordinator_limits.js';
import { workersMs } from './deadlines.js';
import type { Launched, WorkerGroup } from './launched.js';
import { type Ports, ProcessPart } from './process_part.js';
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
  const log = logOf(logs, trial, 'coordinator');
  const start = ({ port }: Ports) =>
    Coordinator.start(
      programs,
      paths.coordinator,
      {
        site: paths.site,
        room: connectionsFor(cell),
        sizes: sizeFlags(cell),
        connections: connectionsOf(cell.system) ?? 'kept',
        port,
      },
      log,
    );
  const [name, role, workerId] = ['coordinator', 'coordinator', null] as const;
  const process = new ProcessPart({ name, role, workerId, start, losses, signal });
  teardown.add('the coordinator', () => stopProgram(process, endings));
  const { address } = await process.listening({ withMetrics: false });
  process.ready.reached();
  const coordinator = new Coordinator(`http://${address}`);
  losses.during = 'before all workers asked for work';
  handOn('coordinator', [address], trial, relay, teardown);

  const { startMsPerWorker } = engineOf(cell.system).cost;
  const noting = new AbortController();
  const arriving = async () => {
    const arrivals = coordinator.noteArrivals(
      cell.workers,
      AbortSignal.any([signal, noting.signal]),
    );
    const workers = await startWorkers(trial, coordinator.url, context, launch);
    const deadlineMs = workersMs(cell.workers, startMsPerWorker);
    await coordinator.waitForWorkers(cell.workers, deadlineMs, signal);
    noting.abort();
    const atMs = await arrivals;
    for (const { workerId, ready } of workers.parts) {
      // The last may be there before it was noted.
      if (workerId !== null) ready.reached(atMs.get(workerId));
    }
    return workers;
  };
  const workers = await losses.cutShort(arriving()).finally(() => noting.abort());
  return {
    ...workers,
    parts: [process, ...workers.parts],
    loadArguments: ['--coordinator', coordinator.url],
    processes: async () => [process, ...(await workers.processes())],
    askWorkers: () => coordinator.askWorkers(signal),
  };
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
