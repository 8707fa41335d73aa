import type { Fault, InjectedFault } from '../experiment/faults.js';
import type { Link } from '../launch/parts/link.js';
import type { Part } from '../launch/parts/part.js';

/** What faults act on: the parts of a system that was launched, and how to put more load on it. */
export interface Handles {
  /** The part that a fault names. Throws an Error when there is none. */
  part(of: string | undefined): Part;
  /** Through which the connections of a worker pass. Throws an Error when they pass through none. */
  link(of: string | undefined): Link;
  /** The URL of the server between the client and the workers. Throws an Error when there is none. */
  server(): string;
  /** The order of the matrices that clients submit. */
  readonly n: number;
  /** Keeps so many further requests in flight for so long, or until `signal` is aborted. */
  load(inFlight: number, forS: number, signal: AbortSignal): Promise<ExtraLoad>;
}

export type ExtraLoad = NonNullable<InjectedFault['load']>;

/** One fault while it lasts. */
export interface Injection {
  readonly fault: Fault;
  readonly handles: Handles;
  /** Aborted when the load ends: from then on nothing more is done, and all is undone. */
  readonly signal: AbortSignal;
  /** Returns after so many seconds, or when the load ends. */
  lasts(seconds: number): Promise<void>;
  /** Takes note of what a further load came to. */
  note(load: ExtraLoad): void;
}

/** Injects one fault, and returns when it is over and undone. */
export type Inject = (injection: Injection) => Promise<void>;
