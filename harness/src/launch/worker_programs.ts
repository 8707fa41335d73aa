import type { WorkerPlace, WorkerProgram } from '../engines/engine.js';
import { planOf } from '../experiment/faults.js';
import { placementOf } from '../experiment/placement.js';
import type { Trial } from '../experiment/plan.js';
import { type Launch, type LaunchContext, logOf, stopProgram } from './context.js';
import type { WorkerGroup } from './launched.js';
import { type Ports, ProcessPart } from './parts/process_part.js';

/** Starts a program for each worker of the cell, all at once, and sees to it that they are stopped. */
export function startPrograms<Place extends WorkerPlace>(
  { program, path, start: startOf, argumentsOf }: WorkerProgram<Place>,
  placeOf: (workerId: string, ports: Ports) => Place,
  trial: Trial,
  { programs, logs, paths, signal, experiment, processors: among }: LaunchContext,
  { teardown, endings, losses }: Launch,
): ProcessPart[] {
  const { cell } = trial;
  const placement = placementOf(cell.pin, among);
  const plan = planOf(cell, experiment.faults);
  const started: ProcessPart[] = [];
  // Before the first is started: those before one that cannot be are stopped, too.
  teardown.add(`the ${program}s`, async () => {
    await Promise.all(started.map((worker) => stopProgram(worker, endings)));
  });
  for (let i = 1; i <= cell.workers; i++) {
    const name = `${program}-${i}`;
    const workerId = `w${i}`;
    const log = logOf(logs, trial, name);
    const corruptible = plan.some(({ kind, of }) => kind === 'corrupt' && of === workerId);
    const start = (ports: Ports) => {
      const args = argumentsOf(cell, { ...placeOf(workerId, ports), corruptible }, paths);
      const processors = placement.worker(i);
      const [command = '', ...words] = startOf?.(paths) ?? [path(paths)];
      return programs.start(name, command, [...words, ...args], log, {
        ...{ of: cell.workers, processors },
      });
    };
    started.push(new ProcessPart({ name, role: 'workers', workerId, start, losses, signal }));
  }
  return started;
}

/** Worker programs as a part of a system. */
export function groupOf(workers: readonly ProcessPart[]): WorkerGroup {
  return {
    parts: workers,
    countAttachedPages: async () => undefined,
    processes: async () => workers,
    findDeafWorkers: null,
  };
}
