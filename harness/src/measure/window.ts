import type { InjectedFault } from '../experiment/faults.js';

/** The time of a trial in which it measured. */
export interface Window {
  /** When it began, in seconds since the load did. */
  readonly warm_up_s: number;
  readonly measured_s: number;
  /** Whether requests arrived by themselves, and belong to it by when that was. */
  readonly open: boolean;
  /** For how long at most each client waited before it submitted; absent: not at all. */
  readonly jitter_s?: number;
  /** What was done to the system meanwhile; absent: nothing was to be. */
  readonly faults?: readonly InjectedFault[];
}
