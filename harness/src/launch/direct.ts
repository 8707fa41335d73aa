import type { Trial } from '../experiment/plan.js';
import { workersOf } from '../experiment/systems.js';
import { handOn, type Launch, type LaunchContext } from './context.js';
import type { Launched } from './launched.js';
import { groupOf, startPrograms } from './worker_programs.js';

/** Starts workers that the load generator calls, all at once, and waits until each listens. */
export async function launchDirect(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { signal, relay } = context;
  const program = workersOf(trial.cell.system, 'direct');
  const workers = startPrograms(program, (workerId) => ({ workerId }), trial, context, launch);
  const [addresses, pages] = await Promise.all([
    Promise.all(workers.map((worker) => worker.listening(signal))),
    Promise.all(workers.map((worker) => worker.metricsOn(signal))),
  ]);
  handOn('workers', pages, trial, relay, launch.teardown);
  return {
    ...groupOf(workers),
    loadArguments: ['--rpc-workers', addresses.join(',')],
    askWorkers: null,
  };
}
