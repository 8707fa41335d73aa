import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Teardown } from '../base/teardown.js';
import type { Cell } from '../experiment/cells.js';
import { placementOf } from '../experiment/placement.js';
import type { Trial } from '../experiment/plan.js';
import { connectionsOf, engineOf, transportOf, workersFor } from '../experiment/systems.js';
import type { Launch, LaunchContext } from './context.js';
import { Coordinator, type CoordinatorOptions } from './coordinator.js';
import { connectionsFor, sizeFlags } from './coordinator_limits.js';
import type { Launched, WorkerGroup } from './launched.js';
import { isCut, type Links, openLink } from './links.js';
import { workersMs } from './parts/deadlines.js';
import { LastingPart } from './parts/lasting_part.js';
import type { Link } from './parts/link.js';
import type { ProcessPart } from './parts/process_part.js';
import { placeTabs } from './place_tabs.js';
import { type ServerStart, startServerBetween } from './server_between.js';
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
  const links = await linksTo(coordinator.url, trial, context, launch);
  const workers = await losses
    .cutShort(startAndAwaitWorkers(trial, coordinator, links, context, launch, noting))
    .finally(() => noting.abort());
  const besides = engineOf(trial.cell.system).besides?.() ?? [];
  return {
    ...workers,
    parts: [process, ...workers.parts, ...besides.map((pid) => new LastingPart(pid))],
    loadArguments: ['--coordinator', coordinator.url, ...repeating(trial.cell)],
    server: coordinator.url,
    links,
    processes: async () => [process, ...(await workers.processes())],
    askWorkers: () => coordinator.askWorkers(context.signal),
  };
}

async function startCoordinator(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<{ process: ProcessPart; coordinator: Coordinator }> {
  const { cell } = trial;
  const { paths, programs } = context;
  const { teardown } = launch;
  const options = {
    site: paths.site,
    room: connectionsFor(cell),
    sizes: sizeFlags(cell),
    ...(cell.leaseS > 0 && { leaseS: cell.leaseS }),
    verify: cell.verify,
    ...journalOf(trial, context, teardown),
    connections: connectionsOf(cell.system) ?? 'kept',
  };
  const start = ({ port, log, processors }: ServerStart) =>
    Coordinator.start(programs, paths.coordinator, { ...options, port, processors }, log);
  const kind = { name: 'coordinator', role: 'coordinator', start } as const;
  const { process, address } = await startServerBetween(kind, trial, context, launch);
  return { process, coordinator: new Coordinator(`http://${address}`) };
}

/** What a coordinator with a journal knows when it is started again, clients ask for again. */
function repeating({ system, journal }: Cell): string[] {
  return journal !== 'none' && transportOf(system).canRepeat ? ['--repeat'] : [];
}

/** A folder of its own on the disk of the results, which goes with the coordinator. */
function journalOf(
  trial: Trial,
  { logs }: LaunchContext,
  teardown: Teardown,
): Pick<CoordinatorOptions, 'journal'> {
  const { journal: sync } = trial.cell;
  if (sync === 'none') return {};
  const folder = join(logs, `${trial.id}-journal`);
  teardown.add('the journal', () => rm(folder, { recursive: true, force: true }));
  return { journal: { folder, sync } };
}

/** A link to the coordinator for each worker whose connections are cut. */
async function linksTo(
  coordinator: string,
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Links> {
  const workers = Array.from({ length: trial.cell.workers }, (_, i) => `w${i + 1}`);
  const links = new Map<string, Link>();
  for (const workerId of workers) {
    if (isCut(workerId, trial, context)) links.set(workerId, await openLink(coordinator, launch));
  }
  return links;
}

/** Starts the workers and waits for them; `noting` ends when the last is there. */
async function startAndAwaitWorkers(
  trial: Trial,
  coordinator: Coordinator,
  links: Links,
  context: LaunchContext,
  launch: Launch,
  noting: AbortController,
): Promise<WorkerGroup> {
  const { system, workers: count } = trial.cell;
  const { signal } = context;
  // While others are still being started: the first may be there long before the last.
  const arrivals = coordinator.noteArrivals(count, AbortSignal.any([signal, noting.signal]));
  const workers = await startWorkers(trial, coordinator.url, links, context, launch);
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
  links: Links,
  context: LaunchContext,
  launch: Launch,
): Promise<WorkerGroup> {
  const workers = workersFor(trial.cell.system, 'relayed');
  const placeOf = (workerId: string) => {
    const link = links.get(workerId);
    return { coordinator: link === undefined ? coordinator : `http://${link.address}`, workerId };
  };
  return 'page' in workers
    ? openWorkerPages(workers, placeOf, trial, context, launch)
    : groupOf(startPrograms(workers, placeOf, trial, context, launch));
}
