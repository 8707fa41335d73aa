import type { WorkerProgram } from '../engines/engine.js';
import type { Trial } from '../experiment/plan.js';
import {
  cpuSecondsOf,
  type Launch,
  type LaunchContext,
  logOf,
  stopProgram,
  watchedOf,
} from './context.js';
import type { WorkerGroup } from './launched.js';
import type { Program } from './processes.js';

/** Starts a program for each worker of the cell, all at once, and sees to it that they are stopped. */
export function startPrograms<Place>(
  { program, path, argumentsOf }: WorkerProgram<Place>,
  placeOf: (workerId: string) => Place,
  trial: Trial,
  { programs, logs, paths }: LaunchContext,
  { teardown, endings, losses }: Launch,
): Program[] {
  const { cell } = trial;
  const started: Program[] = [];
  // Before the first is started: those before one that cannot be are stopped, too.
  teardown.add(`the ${program}s`, async () => {
    await Promise.all(started.map((worker) => stopProgram(worker, endings)));
  });
  for (let i = 1; i <= cell.workers; i++) {
    const own = `${program}-${i}`;
    const args = argumentsOf(cell, placeOf(`w${i}`));
    const log = logOf(logs, trial, own);
    started.push(programs.start(own, path(paths), args, log, { of: cell.workers }));
  }
  for (const worker of started) losses.watch(worker);
  return started;
}

/** Worker programs as a part of a system. */
export function groupOf(workers: readonly Program[]): WorkerGroup {
  return {
    cpuSeconds: async () => ({ workers: cpuSecondsOf(workers) }),
    countAttachedPages: async () => undefined,
    processes: async () => watchedOf(workers),
    findDeafWorkers: null,
  };
}
