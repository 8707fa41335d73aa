import type { WorkerState } from './coordinator.js';

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched extends WorkerGroup {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** What each worker does; null where only the load generator knows. */
  readonly askWorkers: (() => Promise<readonly WorkerState[]>) | null;
}

/** What was started together. */
export interface WorkerGroup {
  /** Processor time used so far, by part: `coordinator`, `workers`, `browser`. */
  cpuSeconds(): Promise<Record<string, number>>;
  /** Worker pages to which something is attached; undefined where there are no pages. */
  countAttachedPages(): Promise<number | undefined>;
  /** Whatever must run for the system to work. */
  processes(): Promise<readonly Watched[]>;
  /** The workers whose pages do not answer; null where there are no pages. */
  readonly findDeafWorkers: (() => Promise<string[]>) | null;
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
