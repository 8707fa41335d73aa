import type {
  Codec,
  Collection,
  CompleteChoices,
  Connections,
  Dispatch,
  Topology,
} from '../systems/fields.js';
import { only, type Refusals, type Rule } from '../systems/rule.js';

/** How work reaches a worker: everything that the harness must know of it. To add one: CONTRIBUTING.md. */
export interface Transport<Name extends string = string> {
  readonly name: Name;
  /** What a system over it may choose. */
  readonly rules: {
    /** Decides how it is launched, and which engines it has: those with workers that are so reached. */
    readonly topology: Rule<Topology>;
    readonly codec: Rule<Codec>;
    readonly dispatch: Rule<Dispatch>;
    readonly collection: Rule<Collection>;
    /** Of the client; where there is a front, those to it follow from the topology. */
    readonly connections: Rule<Connections>;
  };
  /** What a system that does not say has; null where there is nothing to choose. */
  readonly defaults: {
    readonly topology: Topology;
    readonly collection: Collection | null;
    readonly connections: Connections | null;
  };
  /** Axes that mean nothing to it. */
  readonly refuses: Refusals;
  /** Whether samples say which worker computed. */
  readonly namesWorkers: boolean;
  /** Whether its clients can ask again for what was not answered, without having it done twice (--repeat). */
  readonly canRepeat?: true;
  /** Flags of the load generator beside --transport: the choices that a client of it must know. */
  readonly loadFlags: (system: CompleteChoices) => Readonly<Record<string, string | null>>;
  /** Seconds of a processor to bring a task to a worker and its product back, without a byte in it. */
  readonly secondsPerTask: number;
  /** The same for an element of a matrix, on top of its codec. Default: 0. */
  readonly secondsPerElement?: number;
}

export const CALLED = only<Topology>(
  ['direct', 'front'],
  'its workers are called, by the client or by the HTTP front',
);
export const RELAYED = only<Topology>('relayed', 'its workers know nobody but a coordinator');
export const ANSWERED = only<Collection>([], 'the product is the answer to the call');
export const HANDED_OVER = only<Dispatch>(
  'push',
  'a call hands its task to the worker, which never asks',
);
export const STAYS_OPEN = only<Connections>('kept', 'a WebSocket or gRPC connection stays open');
