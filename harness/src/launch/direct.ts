import type { Trial } from '../experiment/plan.js';
import { workersFor } from '../experiment/systems.js';
import { handOn, type Launch, type LaunchContext } from './context.js';
import type { Launched, WorkerGroup } from './launched.js';
import type { Ports } from './parts/process_part.js';
import { groupOf, startPrograms } from './worker_programs.js';

/** Starts workers that the load generator calls. */
export async function launchDirect(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { workers, addresses } = await startCalledWorkers(trial, context, launch);
  return { ...workers, loadArguments: ['--rpc-workers', addresses.join(',')], askWorkers: null };
}

/** Starts workers that are called, all at once, and waits until each listens. */
export async function startCalledWorkers(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<{ workers: WorkerGroup; addresses: readonly string[] }> {
  const program = workersFor(trial.cell.system, 'direct');
  const placeOf = (workerId: string, ports: Ports) => ({ workerId, ...ports });
  const workers = startPrograms(program, placeOf, trial, context, launch);
  const listening = workers.map(async (worker) => {
    const addresses = await worker.listening({ withMetrics: true });
    worker.ready.reached();
    return addresses;
  });
  const addresses = await Promise.all(listening);
  const metrics = addresses.map((each) => each.metrics);
  handOn('workers', metrics, trial, context, launch.teardown);
  return { workers: groupOf(workers), addresses: addresses.map(({ address }) => address) };
}
