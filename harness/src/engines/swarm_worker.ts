import { join } from 'node:path';
import type { Built, Setup } from '../systems/fields.js';
import type { CoordinatorPlace, WorkerProgram } from './engine.js';

/** The native program that asks a coordinator for tasks, and what computes them, in its flags. */
export function swarmWorker(
  computing: (setup: Setup, built: Built) => readonly string[],
  starts?: (built: Built) => readonly string[],
): WorkerProgram<CoordinatorPlace> {
  return {
    program: 'swarm-worker',
    path: ({ bin }) => join(bin, 'swarm-worker'),
    ...(starts && { starts }),
    argumentsOf: (setup, { coordinator, workerId, corruptible }, built) => [
      ...['--coordinator', coordinator, '--worker-id', workerId],
      ...['--dispatch', setup.system.dispatch, '--codec', setup.system.codec],
      ...computing(setup, built),
      ...serviceTimeOf(setup),
      ...faultOf(corruptible),
    ],
  };
}

/** Flags that the worker programs share. */
export function faultOf(corruptible = false): string[] {
  return corruptible ? ['--corrupt-on-sigusr1'] : [];
}

export function serviceTimeOf({ serviceMs }: Setup): string[] {
  return serviceMs > 0 ? ['--service-time', `${serviceMs}ms`] : [];
}
