import { join } from 'node:path';
import type { Processors } from '../base/processors.js';
import type { Teardown } from '../base/teardown.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Paths } from '../experiment/paths.js';
import type { Trial } from '../experiment/plan.js';
import { labelsOf } from './cell_labels.js';
import type { Losses } from './parts/losses.js';
import type { Ending, Programs } from './parts/processes.js';
import type { Job, ProgramMetrics } from './program_metrics.js';

/** What a trial is launched with. */
export interface LaunchContext {
  readonly experiment: Experiment;
  readonly paths: Paths;
  readonly programs: Programs;
  /** The folder for what programs write to stderr. */
  readonly logs: string;
  readonly signal: AbortSignal;
  /** Those that the trial may use. Default: all that the harness may. */
  readonly processors?: Processors;
  /**
   * Called when the system of the trial stands; returns when whatever is to be measured at the same
   * time does, too. Default: nothing is.
   */
  readonly standing?: () => Promise<void>;
  /** Where the programs' metrics are handed on. */
  readonly relay: ProgramMetrics;
}

/** One launch: who is to undo it, and what came of it. */
export interface Launch {
  readonly teardown: Teardown;
  readonly endings: Endings;
  readonly losses: Losses;
}

/** How each program of a trial ended, by name. Filled in as they are stopped. */
export type Endings = Record<string, Ending>;

/** Where a program of this trial writes what it has to say. */
export function logOf(logs: string, trial: Trial, name: string): string {
  return join(logs, `${trial.id}-${name}.log`);
}

/** Stops a program and notes how it ended. */
export async function stopProgram(
  program: { readonly name: string; stop(): Promise<Ending> },
  endings: Endings,
): Promise<void> {
  endings[program.name] = await program.stop();
}

/** Lets a snapshot, and Prometheus, see the programs at these addresses until they are stopped. */
export function handOn(
  job: Job,
  addresses: readonly string[],
  { cell }: Trial,
  { relay, experiment }: LaunchContext,
  teardown: Teardown,
): void {
  const urls = addresses.map((address) => `http://${address}/metrics`);
  relay.watch(job, urls, labelsOf(cell, experiment));
  teardown.add(`the metrics of the ${job}`, async () => relay.forget(job));
}
