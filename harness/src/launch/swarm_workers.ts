import type { Trial } from '../experiment/plan.js';
import type { Crew } from './swarm.js';
import { cpuSecondsOf, type Launch, startWorkers, type Workshop, watchedOf } from './workshop.js';

/** Starts native workers of the coordinator at `url`: what a tab runs, without the browser. */
export async function startSwarmWorkers(
  trial: Trial,
  url: string,
  workshop: Workshop,
  launch: Launch,
): Promise<Crew> {
  const program = {
    name: 'swarm-worker',
    command: workshop.paths.swarmWorker,
    argumentsOf: (worker: number) => argumentsOf(trial, url, `w${worker}`),
  };
  const workers = startWorkers(program, trial, workshop, launch);
  return {
    cpuSeconds: async () => ({ workers: cpuSecondsOf(workers) }),
    countAttachedPages: async () => undefined,
    processes: async () => watchedOf(workers),
    findDeafWorkers: null,
  };
}

function argumentsOf({ cell }: Trial, url: string, workerId: string): string[] {
  const { dispatch, codec, kernel } = cell.system;
  return [
    ...['--coordinator', url, '--worker-id', workerId],
    ...['--dispatch', dispatch, '--codec', codec, '--kernel', kernel],
  ];
}
