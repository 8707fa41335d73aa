import { resolve } from 'node:path';
import { type LaunchOfCell, readLaunches } from '../../analysis/summary.js';
import type { Experiment } from '../../experiment/experiment.js';
import type { Environment } from '../../run_folder/environment.js';
import { completeExperiment } from '../../run_folder/later_axes.js';
import { readEnvironment, readManifest, readTrials } from '../../run_folder/store.js';

/** A run that is compared with another one. */
export interface RunToCompare {
  readonly path: string;
  readonly experiment: Experiment;
  readonly environment: Environment;
  /** The valid ones. */
  readonly launches: readonly LaunchOfCell[];
}

/** Throws UsageError when `folder` is not that of a run. */
export function readRun(folder: string): RunToCompare {
  const path = resolve(folder);
  const { experiment } = readManifest(path);
  return {
    path,
    experiment: completeExperiment(experiment),
    environment: readEnvironment(path),
    launches: readLaunches(path, readTrials(path)),
  };
}
