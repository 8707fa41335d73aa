import type { Trial } from '../experiment/plan.js';
import { workersFor } from '../experiment/systems.js';
import { handOn, type Launch, type LaunchContext } from './context.js';
import type { Launched, WorkerGroup } from './launched.js';
import { isCut, type Links, openLink } from './links.js';
import type { Link } from './parts/link.js';
import type { Ports } from './parts/process_part.js';
import { groupOf, startPrograms } from './worker_programs.js';

/** Starts workers that the load generator calls. */
export async function launchDirect(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { workers, addresses, links } = await startCalledWorkers(trial, context, launch);
  return {
    ...workers,
    loadArguments: ['--rpc-workers', addresses.join(',')],
    server: null,
    links,
    askWorkers: null,
  };
}

/** Starts workers that are called, all at once, and waits until each listens. */
export async function startCalledWorkers(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<{ workers: WorkerGroup; addresses: readonly string[]; links: Links }> {
  const program = workersFor(trial.cell.system, 'direct');
  const placeOf = (workerId: string, ports: Ports) => ({ workerId, ...ports });
  const workers = startPrograms(program, placeOf, trial, context, launch);
  const listening = workers.map(async (worker) => {
    const addresses = await worker.listening({ withMetrics: true });
    worker.ready.reached();
    return addresses;
  });
  const addresses = await Promise.all(listening);
  const links = new Map<string, Link>();
  for (const [i, { address }] of addresses.entries()) {
    const workerId = workers[i]?.workerId ?? '';
    if (isCut(workerId, trial, context)) links.set(workerId, await openLink(address, launch));
  }
  const metrics = addresses.map((each) => each.metrics);
  handOn('workers', metrics, trial, context, launch.teardown);
  const reachedAt = addresses.map(
    ({ address }, i) => links.get(workers[i]?.workerId ?? '')?.address ?? address,
  );
  return { workers: groupOf(workers), addresses: reachedAt, links };
}
