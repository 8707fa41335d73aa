import type { Experiment } from '../experiment/experiment.js';
import type { Environment } from '../run_folder/environment.js';
import type { Status } from '../run_folder/manifest.js';
import type { TrialRow } from '../run_folder/rows.js';

/** What a run is judged by. */
export interface Evidence {
  /** The folder of the run, for the histograms of its trials. */
  readonly path: string;
  readonly status: Status;
  /** The trials that were planned. */
  readonly plan: readonly string[];
  readonly experiment: Experiment;
  readonly environment: Environment;
  readonly rows: readonly TrialRow[];
}
