import type { WorkerState } from './coordinator.js';
import type { Part } from './part.js';

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched extends WorkerGroup {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** What each worker does; null where only the load generator knows. */
  readonly askWorkers: (() => Promise<readonly WorkerState[]>) | null;
}

/** What was started together. */
export interface WorkerGroup {
  readonly parts: readonly Part[];
  /** Worker pages to which something is attached; undefined where there are no pages. */
  countAttachedPages(): Promise<number | undefined>;
  /** Whatever must run for the system to work. */
  processes(): Promise<readonly Watched[]>;
  /** The workers whose pages do not answer; null where there are no pages. */
  readonly findDeafWorkers: (() => Promise<string[]>) | null;
}

/** A process that computes or carries what is measured; what it says of itself may change. */
export interface Watched {
  readonly what: string;
  /** undefined: it could not be started. */
  readonly pid: number | undefined;
  /** It was stopped on purpose. */
  readonly isPaused?: boolean;
  /** It was ended on purpose, and another process does its work. */
  readonly isReplaced?: boolean;
  readonly isTab?: boolean;
  /** Nobody else tells when it ends. */
  readonly mustLive?: boolean;
  /** How the words begin by which the end of what it is a part of is told. */
  readonly partOf?: string;
}
