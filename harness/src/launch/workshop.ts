import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import { labelsOf } from '../metrics/cell_labels.js';
import type { Job, Relay } from '../metrics/relay.js';
import type { Paths } from '../paths.js';
import type { Teardown } from '../teardown.js';
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

/** How each program of a trial ended, by name. Filled in as they are stopped. */
export type Endings = Record<string, Ending>;

/** Stops a program and notes how it ended. */
export async function stopProgram(program: Program, endings: Endings): Promise<void> {
  endings[program.name] = await program.stop();
}

/** Where a program of this trial writes what it has to say. */
export function logOf(logs: string, trial: Trial, name: string): string {
  return join(logs, `${trial.id}-${name}.log`);
}

/** Processor time that these programs have used so far. */
export function cpuSecondsOf(programs: readonly Program[]): number {
  return programs.reduce((sum, program) => sum + program.cpuSeconds(), 0);
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
