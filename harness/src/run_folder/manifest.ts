import type { AxisDescription } from '../experiment/axis.js';
import type { Experiment, Overrides } from '../experiment/experiment.js';
import type { FileRecord } from './hash.js';

/** Counts up when a file of a run changes its meaning. results/README.md describes this version. */
export const SCHEMA_VERSION = 5;

/** `running` in a folder that nobody writes to any more says that the harness was killed. */
export type Status = 'running' | 'complete' | 'interrupted' | 'failed';

/** One time that the harness worked on the run: the first, and one for each time it was resumed. */
export interface Session {
  readonly command_line: readonly string[];
  readonly started_at: string;
  /** null while it works, and when it was killed. */
  readonly ended_at: string | null;
  readonly status: Status;
  /** What a reader should know of it: rows that were dropped, a clock that jumped. Absent: nothing. */
  readonly notes?: readonly string[];
}

/** Where the experiment came from: enough to make it again. */
export interface Source {
  /** The file, relative to the root of the repository where it is inside. */
  readonly file: string;
  /** What the command line put in the place of what the file says. */
  readonly overrides: Overrides;
}

/** manifest.json: what was to be measured, and how far it came. */
export interface Manifest {
  readonly schema_version: number;
  readonly run_id: string;
  readonly status: Status;
  /** What its experiment can vary, in the order of its rows' fields. */
  readonly axes: readonly AxisDescription[];
  readonly experiment: Experiment;
  /** Of `experiment`, whatever the order of its keys. */
  readonly experiment_sha256: string;
  /** null of an experiment that no file has. */
  readonly source: Source | null;
  /** What ordered the plan (experiment/plan.ts); absent from runs made before it was counted. */
  readonly planner?: number;
  /** The names of the planned trials in order; trials that a stop rule added are not among them. */
  readonly plan: readonly string[];
  readonly sessions: readonly Session[];
  /** What the other files were when the last session ended; those of trials are in their rows. */
  readonly files: readonly FileRecord[];
}
