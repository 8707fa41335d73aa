import { join } from 'node:path';
import type { Teardown } from '../base/teardown.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Paths } from '../experiment/paths.js';
import type { Trial } from '../experiment/plan.js';
import { labelsOf } from '../metrics/cell_labels.js';
import type { Job, Relay } from '../metrics/relay.js';
import type { Losses } from './losses.js';
import type { Ending, Program, Programs } from './processes.js';

/** What a trial is launched with. */
export interface Workshop {
  readonly experiment: Experiment;
  readonly paths: Paths;
  readonly programs: Programs;
  /** The folder for what programs write to stderr. */
  readonly logs: string;
  readonly signal: AbortSignal;
  /** Where the programs' metrics are handed on. */
  readonly relay: Relay;
}

/** One launch: who is to undo it, and what came of it. */
export interface Launch {
  readonly teardown: Teardown;
  readonly endings: Endings;
  readonly losses: Losses;
}

/** A process that computes or carries what is measured. */
export interface Watched {
  readonly what: string;
  readonly pid: number;
  readonly isTab?: boolean;
  /** Nobody else tells when it ends. */
  readonly mustLive?: boolean;
  /** How the words begin by which the end of what it is a part of is told. */
  readonly partOf?: string;
}

/** How each program of a trial ended, by name. Filled in as they are stopped. */
export type Endings = Record<string, Ending>;

/** Stops a program and notes how it ended. */
export async function stopProgram(program: Program, endings: Endings): Promise<void> {
  endings[program.name] = await program.stop();
}

/** A native worker, and what each is told, counted from 1. */
export interface WorkerProgram {
  readonly name: string;
  readonly command: string;
  readonly argumentsOf: (worker: number) => string[];
}

/** Starts a native worker for each of the cell's, all at once, and sees to it that they are stopped. */
export function startWorkers(
  { name, command, argumentsOf }: WorkerProgram,
  trial: Trial,
  { programs, logs }: Workshop,
  { teardown, endings, losses }: Launch,
): Program[] {
  const { workers, serviceMs } = trial.cell;
  const held = serviceMs > 0 ? ['--service-time', `${serviceMs}ms`] : [];
  const started: Program[] = [];
  // Before the first is started: those before one that cannot be are stopped, too.
  teardown.add(`the ${name}s`, async () => {
    await Promise.all(started.map((worker) => stopProgram(worker, endings)));
  });
  for (let i = 1; i <= workers; i++) {
    const own = `${name}-${i}`;
    const log = logOf(logs, trial, own);
    started.push(programs.start(own, command, [...argumentsOf(i), ...held], log, { of: workers }));
  }
  for (const worker of started) losses.watch(worker);
  return started;
}

/** Where a program of this trial writes what it has to say. */
export function logOf(logs: string, trial: Trial, name: string): string {
  return join(logs, `${trial.id}-${name}.log`);
}

/** Processor time that these programs have used so far. */
export function cpuSecondsOf(programs: readonly Program[]): number {
  return programs.reduce((sum, program) => sum + program.cpuSeconds(), 0);
}

/** The processes of these programs. */
export function watchedOf(programs: readonly Program[]): Watched[] {
  return programs.flatMap(({ title, pid }) => (pid === undefined ? [] : [{ what: title, pid }]));
}

/** Lets a snapshot, and Prometheus, see the programs at these addresses until they are stopped. */
export function handOn(
  job: Job,
  addresses: readonly string[],
  { cell }: Trial,
  relay: Relay,
  teardown: Teardown,
): void {
  const urls = addresses.map((address) => `http://${address}/metrics`);
  relay.watch(job, urls, labelsOf(cell));
  teardown.add(`the metrics of the ${job}`, async () => relay.forget(job));
}
