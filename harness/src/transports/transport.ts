import type {
  Built,
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
  /** Decides how it is launched, and which engines it has: those with workers of that topology. */
  readonly topology: Topology;
  /** What a system over it may choose. */
  readonly rules: {
    readonly codec: Rule<Codec>;
    readonly dispatch: Rule<Dispatch>;
    readonly collection: Rule<Collection>;
    readonly connections: Rule<Connections>;
  };
  /** What a system that does not say has; null where there is nothing to choose. */
  readonly defaults: {
    readonly collection: Collection | null;
    readonly connections: Connections | null;
  };
  /** Axes that mean nothing to it. */
  readonly refuses: Refusals;
  /** Whether samples say which worker computed. */
  readonly namesWorkers: boolean;
  /** Programs between the load generator and the workers. */
  readonly needs: (built: Built) => readonly string[];
  /** Flags of the load generator beside --transport: the choices that its client must know. */
  readonly loadFlags: (system: CompleteChoices) => Readonly<Record<string, string | null>>;
  /** Seconds of a processor to bring a task to a worker and its product back, without a byte in it. */
  readonly secondsPerTask: number;
}

export const ANSWERED = only<Collection>([], 'the product is the answer to the call');
export const HANDED_OVER = only<Dispatch>(
  'push',
  'a call hands its task to the worker, which never asks',
);
export const STAYS_OPEN = only<Connections>('kept', 'a WebSocket or gRPC connection stays open');
