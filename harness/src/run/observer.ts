import type { Trial } from '../experiment/plan.js';
import type { EndedTrial, TrialEvent } from '../measure/trial.js';
import type { TrialRow } from '../run_folder/rows.js';

/** Who is told how a run goes, trial by trial. It must not take long: the trial goes on meanwhile. */
export interface RunObserver {
  /** The trial is about to be launched. */
  begin(trial: Trial): void;
  /** What the trial tells while it runs. */
  update(event: TrialEvent): void;
  /** The trial is over, and kept. `ofCell`: the rows of its cell so far, its own the last of them. */
  end(ended: EndedTrial, ofCell: readonly TrialRow[]): void;
}
