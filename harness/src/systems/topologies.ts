import type { Built, Codec, CompleteChoices, Connections, Reach, Topology } from './fields.js';
import { only, type Rule } from './rule.js';

/** What follows from who stands between the client and the workers, whatever the transport. */
export interface TopologyTraits {
  /** How its workers are reached, which decides the engines that it has (Engine.workers). */
  readonly reach: Reach;
  /** The programs between the client and the workers. */
  readonly between: (built: Built) => readonly string[];
  /** The client, where it does not speak the transport of the workers itself; null: it does. */
  readonly client: OwnClient | null;
}

/** A client of what is in between, which alone speaks the transport of the workers. */
export interface OwnClient {
  /** --transport of the load generator. */
  readonly transport: string;
  /** How matrices travel between both. */
  readonly codec: Codec;
  readonly connections: Rule<Connections>;
  /** Those of a system that does not say. */
  readonly defaultConnections: Connections;
  /** Flags of the load generator beside --transport. */
  readonly loadFlags: (system: CompleteChoices) => Readonly<Record<string, string | null>>;
  /** Seconds of a processor to carry a task to what is in between and its product back. */
  readonly secondsPerTask: number;
}

export const OVER_HTTP = only<Connections>(
  ['kept', 'per-request'],
  'over HTTP there are these two',
);

export const TOPOLOGIES: Readonly<Record<Topology, TopologyTraits>> = {
  'in-process': { reach: 'in-process', between: () => [], client: null },
  direct: { reach: 'direct', between: () => [], client: null },
  front: {
    reach: 'direct',
    between: ({ server }) => [server],
    client: {
      transport: 'http',
      codec: 'json',
      connections: OVER_HTTP,
      defaultConnections: 'kept',
      loadFlags: ({ connections }) => ({ connections }),
      secondsPerTask: 2e-4,
    },
  },
  relayed: { reach: 'relayed', between: ({ coordinator }) => [coordinator], client: null },
};
