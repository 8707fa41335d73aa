import type { WorkerState } from './coordinator.js';
import type { Links } from './links.js';
import type { Part } from './parts/part.js';
import type { Watched } from './parts/watched.js';

/** A system that stands: every worker of it has asked for work or listens. */
export interface Launched extends WorkerGroup {
  /** How the load generator finds it. */
  readonly loadArguments: readonly string[];
  /** The URL of what stands between the client and the workers; null: nothing does, or nothing that speaks HTTP. */
  readonly server: string | null;
  /** Those through which workers are reached, or reach others; empty: everybody connects straight. */
  readonly links: Links;
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
