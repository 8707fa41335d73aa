import type { Trial } from '../experiment/plan.js';
import type { Teardown } from '../teardown.js';
import type { Program } from './processes.js';
import type { Crew } from './swarm.js';
import { cpuSecondsOf, type Endings, startWorkers, type Workshop } from './workshop.js';

/** Starts native workers of the coordinator at `url`: what a tab runs, without the browser. */
export async function startSwarmWorkers(
  trial: Trial,
  url: string,
  workshop: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Crew> {
  const program = {
    name: 'swarm-worker',
    command: workshop.paths.swarmWorker,
    argumentsOf: (worker: number) => argumentsOf(trial, url, `w${worker}`),
  };
  const workers = startWorkers(program, trial, workshop, teardown, endings);
  const lost = Promise.race(workers.map(failWhenEnded));
  // Nobody waits for it any more once all have asked for work.
  lost.catch(() => undefined);
  return {
    cpuSeconds: async () => ({ workers: cpuSecondsOf(workers) }),
    countAttachedPages: async () => undefined,
    lost,
  };
}

async function failWhenEnded(worker: Program): Promise<never> {
  throw new Error(worker.describeEnding(await worker.ended, 'before it asked for work'));
}

function argumentsOf({ cell }: Trial, url: string, workerId: string): string[] {
  const { dispatch, codec, kernel } = cell.system;
  return [
    ...['--coordinator', url, '--worker-id', workerId],
    ...['--dispatch', dispatch, '--codec', codec, '--kernel', kernel],
  ];
}
