import { join } from 'node:path';
import { type Cell, inFlightOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import type { System } from '../experiment/systems.js';
import type { Job, Relay } from '../metrics/relay.js';
import type { Paths } from '../paths.js';
import type { Teardown } from '../teardown.js';
import { dealUrls, HeadlessBrowser } from './browser.js';
import { Coordinator } from './coordinator.js';
import type { Ending, Program, Programs } from './processes.js';

/** What a trial is launched with. */
export interface Workshop {
  readonly experiment: Experiment;
  readonly paths: Paths;
  readonly programs: Programs;
  /** The folder for what programs write to stderr. */
  readonly logs: string;
  readonly signal: AbortSignal;
  /** Where the programs' metrics are handed on. */
  readonly relay: Relay;
}

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** Processor time used so far, by part: `coordinator`, `workers`, `browser`. */
  cpuSeconds(): Promise<Record<string, number>>;
  /** Worker pages to which something is attached; undefined where there are no pages. */
  countAttachedPages(): Promise<number | undefined>;
}

/** How each program of a trial ended, by name. Filled in as they are stopped. */
export type Endings = Record<string, Ending>;

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
      return launchRpcWorkers(trial, workshop, teardown, endings);
    case 'rest':
      return launchBrowserWorkers(trial, workshop, teardown, endings);
  }
}

async function launchRpcWorkers(
  trial: Trial,
  { paths, programs, logs, signal, relay }: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Launched> {
  const workers = Array.from({ length: trial.cell.workers }, (_, i) => {
    const name = `matmul-worker-${i + 1}`;
    const ports = ['--listen', '127.0.0.1', '--port', '0', '--metrics-port', '0'];
    const args = [...ports, '--kernel', trial.cell.system.kernel];
    return programs.start(name, paths.matmulWorker, args, logOf(logs, trial, name));
  });
  teardown.add('the RPC workers', async () => {
    await Promise.all(workers.map((worker) => stopProgram(worker, endings)));
  });
  const [addresses, pages] = await Promise.all([
    Promise.all(workers.map((worker) => worker.listening(signal))),
    Promise.all(workers.map((worker) => worker.metricsOn(signal))),
  ]);
  handOn('workers', pages, trial, relay, teardown);
  return {
    loadArguments: ['--rpc-workers', addresses.join(',')],
    cpuSeconds: async () => ({
      workers: workers.reduce((sum, worker) => sum + worker.cpuSeconds(), 0),
    }),
    countAttachedPages: async () => undefined,
  };
}

async function launchBrowserWorkers(
  trial: Trial,
  workshop: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Launched> {
  const { paths, programs, logs, signal, relay } = workshop;
  const program = Coordinator.start(
    programs,
    paths.coordinator,
    paths.site,
    connectionsFor(trial.cell),
    logOf(logs, trial, 'coordinator'),
  );
  teardown.add('the coordinator', () => stopProgram(program, endings));
  const coordinator = await Coordinator.ready(program, signal);
  handOn('coordinator', [new URL(coordinator.url).host], trial, relay, teardown);

  const urls = Array.from({ length: trial.cell.workers }, (_, i) =>
    workerUrl(coordinator.url, trial.cell.system, `w${i + 1}`),
  );
  const browsers = await Promise.all(
    dealUrls(urls, trial.cell.browsers).map((dealt) =>
      openPages(dealt, trial.cell.attached, workshop, teardown),
    ),
  );
  await coordinator.waitForWorkers(trial.cell.workers, signal);
  return {
    loadArguments: ['--coordinator', coordinator.url],
    cpuSeconds: async () => {
      const used = await Promise.all(browsers.map((browser) => browser.cpuSeconds()));
      return {
        coordinator: program.cpuSeconds(),
        browser: used.reduce((sum, seconds) => sum + seconds, 0),
      };
    },
    countAttachedPages: async () => {
      const counts = await Promise.all(browsers.map((browser) => browser.countPages()));
      return counts.reduce((sum, count) => sum + count.attached, 0);
    },
  };
}

/** Lets a snapshot, and Prometheus, see the programs at these addresses until they are stopped. */
function handOn(
  job: Job,
  addresses: readonly string[],
  { cell }: Trial,
  relay: Relay,
  teardown: Teardown,
): void {
  const urls = addresses.map((address) => `http://${address}/metrics`);
  relay.watch(job, urls, { system: cell.system.name, workers: cell.workers });
  teardown.add(`the metrics of the ${job}`, async () => relay.forget(job));
}

async function openPages(
  urls: readonly string[],
  attached: boolean,
  { paths, programs, signal }: Workshop,
  teardown: Teardown,
): Promise<HeadlessBrowser> {
  const browser = await HeadlessBrowser.launch(paths.browser, programs, teardown, signal);
  if (attached) await browser.openAttached(urls, signal);
  else await browser.openUnattached(urls, signal);
  return browser;
}

/** In an open load, the requests that the load generator has in flight at most, by default. */
const MOST_IN_FLIGHT = 256;

/** Chromium's limit of six per page, one per request in flight, and some for the harness's own questions. */
function connectionsFor(cell: Cell): number {
  return 6 * cell.workers + (inFlightOf(cell) ?? MOST_IN_FLIGHT) + 64;
}

/** The page of a worker, which arms itself from its URL. */
export function workerUrl(coordinator: string, system: System, workerId: string): string {
  const { dispatch, codec, kernel } = system;
  return `${coordinator}/worker.html?${new URLSearchParams({ workerId, dispatch, codec, kernel })}`;
}

/** Stops a program and notes how it ended. */
export async function stopProgram(program: Program, endings: Endings): Promise<void> {
  endings[program.name] = await program.stop();
}

/** Where a program of this trial writes what it has to say. */
export function logOf(logs: string, trial: Trial, name: string): string {
  return join(logs, `${trial.id}-${name}.log`);
}
