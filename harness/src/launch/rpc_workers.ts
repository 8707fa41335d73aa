import type { Trial } from '../experiment/plan.js';
import type { Launched } from './system.js';
import {
  cpuSecondsOf,
  handOn,
  type Launch,
  startWorkers,
  type Workshop,
  watchedOf,
} from './workshop.js';

/** Starts native workers that the load generator calls, all at once, and waits until each listens. */
export async function launchRpcWorkers(
  trial: Trial,
  workshop: Workshop,
  launch: Launch,
): Promise<Launched> {
  const { paths, signal, relay } = workshop;
  const program = {
    name: 'matmul-worker',
    command: paths.matmulWorker,
    argumentsOf: () => argumentsOf(trial),
  };
  const workers = startWorkers(program, trial, workshop, launch);
  const [addresses, pages] = await Promise.all([
    Promise.all(workers.map((worker) => worker.listening(signal))),
    Promise.all(workers.map((worker) => worker.metricsOn(signal))),
  ]);
  handOn('workers', pages, trial, relay, launch.teardown);
  return {
    loadArguments: ['--rpc-workers', addresses.join(',')],
    cpuSeconds: async () => ({ workers: cpuSecondsOf(workers) }),
    countAttachedPages: async () => undefined,
    processes: async () => watchedOf(workers),
    findDeafWorkers: null,
    askWorkers: null,
  };
}

function argumentsOf({ cell }: Trial): string[] {
  const { transport, kernel } = cell.system;
  return [
    ...['--listen', '127.0.0.1', '--port', '0', '--metrics-port', '0'],
    ...['--transport', transport, '--kernel', kernel],
  ];
}
