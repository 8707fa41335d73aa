import { UsageError } from '../base/errors.js';
import { ENGINE_NAMES, ENGINES } from '../engines/all.js';
import type { Engine as EngineEntry } from '../engines/engine.js';
import {
  CODECS,
  COLLECTIONS,
  CONNECTIONS,
  type Codec,
  type Collection,
  type CompleteChoices,
  type Connections,
  DISPATCHES,
  type Dispatch,
  KERNELS,
  type Kernel,
  type Reach,
  TOPOLOGY_NAMES,
  type Topology,
} from '../systems/fields.js';
import { POLL_PERIOD_S } from '../systems/polling.js';
import type { Refusal, Rule } from '../systems/rule.js';
import { TOPOLOGIES } from '../systems/topologies.js';
import { TRANSPORT_NAMES, TRANSPORTS } from '../transports/all.js';
import type { Transport as TransportEntry } from '../transports/transport.js';
import { readYaml } from './yaml_file.js';

export type {
  Codec,
  Collection,
  Connections,
  Dispatch,
  Kernel,
  Topology,
} from '../systems/fields.js';
export { POLL_PERIOD_S };

/** What each field of a system may be. */
export const FIELD_VALUES = {
  engine: ENGINE_NAMES,
  topology: TOPOLOGY_NAMES,
  transport: TRANSPORT_NAMES,
  codec: CODECS,
  kernel: KERNELS,
  dispatch: DISPATCHES,
  collection: COLLECTIONS,
  connections: CONNECTIONS,
} as const;

export type Engine = (typeof ENGINE_NAMES)[number];
export type Transport = (typeof TRANSPORT_NAMES)[number];

/** What a system is made of. */
export interface SystemFile {
  /** What executes the kernel. */
  readonly engine: Engine;
  /** Who stands between the client and the workers. Default: whom the transport needs. */
  readonly topology?: Topology;
  /** How work reaches a worker. */
  readonly transport: Transport;
  /** How a matrix travels. */
  readonly codec: Codec;
  /** The multiply loop. */
  readonly kernel: Kernel;
  /** How a worker gets its next task. */
  readonly dispatch: Dispatch;
  /** How the client learns that its product is ready: only over rest. Default: long-poll. */
  readonly collection?: Collection;
  /** Whether a connection of the client serves one request or many. Default: kept. */
  readonly connections?: Connections;
}

/** systems.yaml: every system by its name. */
export type SystemsFile = Record<string, SystemFile>;

/** One complete way to do the multiplication. */
export interface System extends SystemFile {
  readonly name: string;
}

/**
 * The systems of a systems.yaml, in its order. Throws UsageError that names the file, the line, the
 * system and what is wrong with it.
 */
export function readSystems(path: string): System[] {
  const file = readYaml<SystemsFile>(path, 'systems');
  return Object.entries(file.value).map(([name, fields]) => {
    const system = { name, ...fields };
    const problem = problemOf(system);
    if (problem !== undefined) throw new UsageError(`${file.placeOf([name])}: ${name}: ${problem}`);
    return system;
  });
}

export function engineOf({ engine }: Pick<System, 'engine'>): EngineEntry {
  return ENGINES.of(engine);
}

export function transportOf({ transport }: Pick<System, 'transport'>): TransportEntry {
  return TRANSPORTS.of(transport);
}

/** Whether the workers of a system are tabs. */
export function runsInBrowser(system: Pick<System, 'engine'>): boolean {
  return engineOf(system).inBrowser;
}

/** Who stands between the client and the workers. */
export function topologyOf(system: Pick<System, 'topology' | 'transport'>): Topology {
  return system.topology ?? transportOf(system).defaults.topology;
}

/** How the client learns of its product; null where it need not ask. */
export function collectionOf(system: System): Collection | null {
  const { collection } = transportOf(system).defaults;
  return collection === null ? null : (system.collection ?? collection);
}

/** Whether a connection of the client serves one request or many; null where there are none. */
export function connectionsOf(system: System): Connections | null {
  const { client } = TOPOLOGIES[topologyOf(system)];
  const connections = client?.defaultConnections ?? transportOf(system).defaults.connections;
  return connections === null ? null : (system.connections ?? connections);
}

/** The choices of a system, its defaults among them. */
export function complete(system: System): CompleteChoices {
  return {
    ...system,
    topology: topologyOf(system),
    collection: collectionOf(system),
    connections: connectionsOf(system),
  };
}

/** What the load generator is to be: `transport`, and the choices that its client must know. */
export function clientFlagsOf(system: System): Readonly<Record<string, string | null>> {
  const choices = complete(system);
  const { client } = TOPOLOGIES[choices.topology];
  return client === null
    ? { transport: choices.transport, ...transportOf(system).loadFlags(choices) }
    : { transport: client.transport, ...client.loadFlags(choices) };
}

/** The longest interval in seconds at which somebody of the system asks; 0 where nobody does. */
export function pollPeriodSeconds(system: System): number {
  const dispatchS = system.dispatch === 'poll' ? POLL_PERIOD_S.dispatch : 0;
  const collectionS = collectionOf(system) === 'poll' ? POLL_PERIOD_S.collection : 0;
  return Math.max(dispatchS, collectionS);
}

/** The workers of a system. Throws an Error where its engine has none that are so reached. */
export function workersFor<R extends Reach>(
  system: System,
  reach: R,
): Exclude<EngineEntry['workers'][R], Refusal> {
  const workers = engineOf(system).workers[reach];
  if ('because' in workers) throw new Error(`${system.name}: ${workers.because}`);
  return workers as Exclude<EngineEntry['workers'][R], Refusal>;
}

/**
 * Why no build can run this system: the field, its value, what was expected and why; undefined
 * when they can.
 */
export function problemOf(system: System): string | undefined {
  const { codec, kernel, dispatch, collection, connections } = system;
  const engine = engineOf(system);
  const transport = transportOf(system);
  const { rules } = transport;
  const topology = topologyOf(system);
  const { reach, client } = TOPOLOGIES[topology];
  const of = (field: string) => `${field} of transport ${transport.name}`;
  return (
    unlike(of('topology'), topology, rules.topology) ??
    unlike(of('engine'), engine.name, enginesFor(reach, engine)) ??
    unlike(of('codec'), codec, rules.codec) ??
    unlike(of('dispatch'), dispatch, rules.dispatch) ??
    unlike(of('collection'), collection ?? collectionOf(system), rules.collection) ??
    unlike(
      client === null ? of('connections') : `connections of topology ${topology}`,
      connections ?? connectionsOf(system),
      client?.connections ?? rules.connections,
    ) ??
    unlike(`kernel of engine ${engine.name}`, kernel, kernelsOf(engine, kernel))
  );
}

/** The engines with workers that are so reached, and why `engine` has none, if so. */
function enginesFor(reach: Reach, engine: EngineEntry): Rule {
  const workers = engine.workers[reach];
  const able = ENGINES.all().filter((each) => !('because' in each.workers[reach]));
  return {
    expected: able.map(({ name }) => name),
    because: 'because' in workers ? workers.because : '',
  };
}

/** The kernels that an engine may have, and why it has no `kernel`, if so. */
function kernelsOf({ lacks }: EngineEntry, kernel: Kernel): Rule<Kernel> {
  return { expected: KERNELS.filter((each) => !(each in lacks)), because: lacks[kernel] ?? '' };
}

function unlike(field: string, value: string | null, { expected, because }: Rule) {
  if (value === null || expected.includes(value)) return undefined;
  const wanted = expected.length > 0 ? expected.join(' or ') : 'none';
  return `${field} is '${value}'; expected ${wanted}: ${because}`;
}
