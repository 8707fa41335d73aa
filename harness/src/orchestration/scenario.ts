/** What an orchestrator is put through, while clients submit tasks: scaling up, the death of a worker with a task, scaling down. */
import { messageOf } from '../base/errors.js';
import { Coordinator, type WorkerState } from '../launch/coordinator.js';
import type { Programs } from '../launch/parts/processes.js';
import type { Built } from '../systems/fields.js';
import type { Orchestrator } from './orchestrator.js';
import { type Tally, TaskStream } from './task_stream.js';

export const MANY = 8;

/** How long a step may take. */
const LIMIT_MS = 60_000;
/** How often processes, which tell nobody that they have ended, are looked at. */
const LOOK_MS = 10;
/** How long tasks of one worker are timed. */
const TIMED_MS = 2_000;
/** How long a worker has to have held a task to be one that does not get on with it. */
const HELD_MS = 100;

/** Seconds, from the moment at which something was asked for or done. */
export interface Run {
  readonly orchestrator: string;
  readonly repeat: number;
  /** Until the first worker has asked for work; its image is there. */
  readonly first_worker_s: number;
  /** Of one client with one worker, on the median, over HTTP and JSON. */
  readonly round_trip_ms: number;
  /** From one worker to MANY, until all have asked. */
  readonly scale_up_s: number;
  /** Until another worker has asked in the place of one that was killed with a task; null: nobody replaces it. */
  readonly replaced_s: number | null;
  /** From MANY to one, until no more than one runs. */
  readonly scale_down_s: number;
  /** All that were submitted meanwhile. */
  readonly tasks: Tally;
}

/** What ran beside native workers. */
export interface Beside {
  readonly orchestrator: string;
  /** Tasks that each completed, by its name. */
  readonly completed: Readonly<Record<string, number>>;
  readonly tasks: Tally;
  /** Of a module that is a container by itself; null: it can run none. */
  readonly module_exit_code: number | null;
  readonly module_s: number | null;
}

export interface Stage {
  readonly built: Built;
  readonly programs: Programs;
  readonly log: string;
}

/** Why this machine does not allow an orchestrator; any other error is one that failed at its work. */
export class NotAvailable extends Error {}

export async function runOnce(
  orchestrator: Orchestrator,
  repeat: number,
  stage: Stage,
): Promise<Run> {
  return withCoordinator(orchestrator, stage, async (coordinator) => {
    const { name, replaces } = orchestrator;
    const known = new Known(coordinator);
    const first_worker_s = await timed(async () => {
      await orchestrator.scale(1);
      await known.until(1);
    });
    const round_trip_ms = await withTasks(coordinator, 1, async (stream) => {
      await elapsed(TIMED_MS);
      return medianOf(stream.times);
    });
    const { came, tasks } = await withTasks(coordinator, MANY, async (stream) => {
      const scale_up_s = await timed(async () => {
        await orchestrator.scale(MANY);
        await known.until(MANY);
      });
      const replaced_s = await killOne(orchestrator, known);
      // Nobody but this scenario replaces a process.
      if (!replaces) await orchestrator.scale(MANY);
      const scale_down_s = await timed(async () => {
        await orchestrator.scale(1);
        await look(() => orchestrator.workers().length <= 1, `${name} to scale down`);
      });
      const seconds = { scale_up_s, replaced_s: replaces ? replaced_s : null, scale_down_s };
      return { came: seconds, tasks: await stream.stop() };
    });
    return { orchestrator: name, repeat, first_worker_s, round_trip_ms, ...came, tasks };
  });
}

/** Kills a worker that has a task, and returns after how many seconds another had asked in its place. */
async function killOne(orchestrator: Orchestrator, known: Known): Promise<number> {
  const before = await known.ids();
  const [victim] = orchestrator.workers();
  if (victim === undefined) throw new Error(`${orchestrator.name} has no worker to kill`);
  process.kill(victim, 'SIGSTOP');
  await known.untilOneHolds();
  return timed(async () => {
    process.kill(victim, 'SIGKILL');
    await look(() => !orchestrator.workers().includes(victim), 'a worker that was killed to end');
    if (orchestrator.replaces) await known.untilAnother(before);
  });
}

/** Native workers and workers in WebAssembly, side by side; undefined where it knows no images. */
export async function runBeside(
  orchestrator: Orchestrator,
  stage: Stage,
): Promise<Beside | undefined> {
  const { sideBySide, runModule } = orchestrator;
  if (sideBySide === undefined) return undefined;
  return withCoordinator(orchestrator, stage, async (coordinator) => {
    await sideBySide.call(orchestrator);
    const known = new Known(coordinator);
    await known.until(2);
    const tasks = await withTasks(coordinator, 4, async (stream) => {
      await elapsed(TIMED_MS);
      return stream.stop();
    });
    const completed = Object.fromEntries(
      (await known.workers()).map((each) => [each.workerId, each.completed]),
    );
    let module_exit_code: number | null = null;
    const module_s = await timed(async () => {
      if (runModule) module_exit_code = await runModule.call(orchestrator);
    });
    return {
      ...{ orchestrator: orchestrator.name, completed, tasks, module_exit_code },
      module_s: runModule ? module_s : null,
    };
  });
}

/** Has this process, which submits, do so for a while: its first requests take longest. */
export async function warmUp(orchestrator: Orchestrator, stage: Stage): Promise<void> {
  await withCoordinator(orchestrator, stage, async (coordinator) => {
    await orchestrator.scale(1);
    await withTasks(coordinator, MANY, () => elapsed(TIMED_MS));
  });
}

async function withCoordinator<T>(
  orchestrator: Orchestrator,
  { built, programs, log }: Stage,
  use: (coordinator: Coordinator) => Promise<T>,
): Promise<T> {
  const program = Coordinator.start(
    programs,
    built.coordinator,
    {
      site: built.site,
      room: 1_000,
      connections: 'kept',
      // Workers that are ended at once may each have had the same task.
      attempts: MANY + 2,
    },
    log,
  );
  try {
    const coordinator = await Coordinator.ready(program, AbortSignal.timeout(LIMIT_MS));
    try {
      await orchestrator.open(built, coordinator.url);
    } catch (error) {
      // What was opened of it, if it can be closed: why it could not be opened says more.
      await orchestrator.close().catch(() => undefined);
      throw new NotAvailable(messageOf(error));
    }
    try {
      return await use(coordinator);
    } finally {
      await orchestrator.close();
    }
  } finally {
    await program.stop();
  }
}

async function withTasks<T>(
  { url }: Coordinator,
  clients: number,
  use: (stream: TaskStream) => Promise<T>,
): Promise<T> {
  const stream = new TaskStream(url, clients);
  try {
    return await use(stream);
  } finally {
    await stream.stop();
  }
}

/** What the coordinator knows of workers. */
class Known {
  constructor(private readonly coordinator: Coordinator) {}

  workers(): Promise<readonly WorkerState[]> {
    return this.coordinator.askWorkers(AbortSignal.timeout(LIMIT_MS));
  }

  async ids(): Promise<ReadonlySet<string>> {
    return new Set((await this.workers()).map(({ workerId }) => workerId));
  }

  until(count: number): Promise<void> {
    return this.coordinator.waitForWorkers(count, LIMIT_MS, AbortSignal.timeout(LIMIT_MS));
  }

  /** Until one has asked that is none of those. */
  async untilAnother(before: ReadonlySet<string>): Promise<void> {
    await look(async () => {
      const workers = await this.workers();
      return workers.some(({ workerId, state }) => state !== 'silent' && !before.has(workerId));
    }, 'another worker in the place of the one that was killed');
  }

  /** Until one has a task with which it does not get on, as one that is stopped. */
  async untilOneHolds(): Promise<void> {
    await look(async () => {
      const earlier = await this.working();
      await elapsed(HELD_MS);
      const now = await this.working();
      return [...now].some(([id, completed]) => earlier.get(id) === completed);
    }, 'a worker that was stopped to have a task');
  }

  private async working(): Promise<ReadonlyMap<string, number>> {
    const working = (await this.workers()).filter(({ state }) => state === 'working');
    return new Map(working.map(({ workerId, completed }) => [workerId, completed]));
  }
}

async function look(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${LIMIT_MS / 1_000} s for ${what}`);
    await elapsed(LOOK_MS);
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
