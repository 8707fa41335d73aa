import type { Trial } from '../experiment/plan.js';
import type { Teardown } from '../teardown.js';
import type { Launched } from './system.js';
import {
  cpuSecondsOf,
  type Endings,
  handOn,
  logOf,
  stopProgram,
  type Workshop,
} from './workshop.js';

/** Starts native workers that the load generator calls, all at once, and waits until each listens. */
export async function launchRpcWorkers(
  trial: Trial,
  { paths, programs, logs, signal, relay }: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Launched> {
  const workers = Array.from({ length: trial.cell.workers }, (_, i) => {
    const name = `matmul-worker-${i + 1}`;
    return programs.start(name, paths.matmulWorker, argumentsOf(trial), logOf(logs, trial, name));
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
    cpuSeconds: async () => ({ workers: cpuSecondsOf(workers) }),
    countAttachedPages: async () => undefined,
  };
}

function argumentsOf({ cell }: Trial): string[] {
  const { transport, kernel } = cell.system;
  return [
    ...['--listen', '127.0.0.1', '--port', '0', '--metrics-port', '0'],
    ...['--transport', transport, '--kernel', kernel],
    ...(cell.serviceMs > 0 ? ['--service-time', `${cell.serviceMs}ms`] : []),
  ];
}
