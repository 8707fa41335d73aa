import type { CellLabels } from './cell_labels.js';

/** What a program of a trial is to Prometheus. */
export const JOBS = ['coordinator', 'front', 'workers'] as const;
export type Job = (typeof JOBS)[number];

/** Who is told where the programs of the current trial show their metrics, and reads them. */
export interface ProgramMetrics {
  /** From now on `job` is what these programs tell at `urls`, all of the cell that `labels` name. */
  watch(job: Job, urls: readonly string[], labels: CellLabels): void;
  /** The programs are about to end. */
  forget(job: Job): void;
  /** One for a trial that runs at the same time, of which nobody else is told. */
  another(): ProgramMetrics;
  /** What all programs of the trial, with so many workers, tell now, one job after the other. */
  snapshot(workers: number): Promise<string>;
}
