import type { Trial } from '../experiment/plan.js';
import type { Teardown } from '../teardown.js';
import type { Program } from './processes.js';
import type { Crew } from './swarm.js';
import { cpuSecondsOf, type Endings, logOf, stopProgram, type Workshop } from './workshop.js';

/** Starts native workers of the coordinator at `url`: what a tab runs, without the browser. */
export async function startSwarmWorkers(
  trial: Trial,
  url: string,
  { paths, programs, logs }: Workshop,
  teardown: Teardown,
  endings: Endings,
): Promise<Crew> {
  const workers = Array.from({ length: trial.cell.workers }, (_, i) => {
    const name = `swarm-worker-${i + 1}`;
    const args = argumentsOf(trial, url, `w${i + 1}`);
    return programs.start(name, paths.swarmWorker, args, logOf(logs, trial, name));
  });
  teardown.add('the swarm workers', async () => {
    await Promise.all(workers.map((worker) => stopProgram(worker, endings)));
  });
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
    ...(cell.serviceMs > 0 ? ['--service-time', `${cell.serviceMs}ms`] : []),
  ];
}
