import { UsageError } from '../base/errors.js';
import { readYaml } from './yaml_file.js';

/** What each field of a system may be. */
export const FIELD_VALUES = {
  engine: ['native', 'browser'],
  transport: ['inproc', 'tcp', 'tcp-text', 'grpc', 'rest', 'ws'],
  codec: ['none', 'json', 'binary'],
  kernel: ['origin', 'naive', 'blocked', 'simd', 'relaxed', 'relaxed-wide', 'blas'],
  dispatch: ['push', 'poll', 'long-poll'],
  collection: ['long-poll', 'poll'],
  connections: ['kept', 'per-request'],
} as const;

export type Engine = (typeof FIELD_VALUES.engine)[number];
export type Transport = (typeof FIELD_VALUES.transport)[number];
export type Codec = (typeof FIELD_VALUES.codec)[number];
export type Kernel = (typeof FIELD_VALUES.kernel)[number];
export type Dispatch = (typeof FIELD_VALUES.dispatch)[number];
export type Collection = (typeof FIELD_VALUES.collection)[number];
export type Connections = (typeof FIELD_VALUES.connections)[number];

/** What a system is made of. */
export interface SystemFile {
  /** What executes the kernel. */
  readonly engine: Engine;
  /** How work reaches a worker. */
  readonly transport: Transport;
  /** How a matrix travels. */
  readonly codec: Codec;
  /** The multiply loop. */
  readonly kernel: Kernel;
  /** How a worker gets its next task. */
  readonly dispatch: Dispatch;
  /** How the client learns of its product: of rest only. Default: long-poll. */
  readonly collection?: Collection;
  /** Whether a connection serves one request or many. Default: kept. */
  readonly connections?: Connections;
}

/** systems.yaml: every system by its name. */
export type SystemsFile = Record<string, SystemFile>;

/** One complete way to do the multiplication. */
export interface System extends SystemFile {
  readonly name: string;
}

/** What a field may be, and why it may be nothing else. */
interface Rule {
  readonly expected: readonly string[];
  readonly because: string;
}

type RuledByTransport = 'engine' | 'codec' | 'dispatch' | 'collection' | 'connections';

const only = (expected: string | readonly string[], because: string): Rule => ({
  expected: [expected].flat(),
  because,
});

const ANSWERED = only([], 'the product is the answer to the call');
const HANDED_OVER = only('push', 'a call hands its task to a worker, which has nothing to ask for');
const NO_BROWSER = only('native', 'a page cannot listen on a socket');
const STAYS_OPEN = only('kept', 'it is one connection for as long as both ends live');

/** What the programs of this project can do, by transport. */
const RULES: Record<Transport, Record<RuledByTransport, Rule>> = {
  inproc: {
    engine: only('native', 'a browser is another process'),
    codec: only('none', 'nothing travels'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only([], 'there are none'),
  },
  tcp: {
    engine: NO_BROWSER,
    codec: only('binary', 'its messages hold frames; text over TCP is transport tcp-text'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only('kept', 'a connection per call is transport tcp-text'),
  },
  'tcp-text': {
    engine: NO_BROWSER,
    codec: only('json', 'its messages are text; frames over TCP are transport tcp'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only('per-request', 'its protocol ends a call with the connection'),
  },
  grpc: {
    engine: NO_BROWSER,
    codec: only('binary', 'its messages hold frames'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: STAYS_OPEN,
  },
  rest: {
    engine: only(['native', 'browser'], 'these speak HTTP'),
    codec: only(['json', 'binary'], 'a body is text or frames'),
    dispatch: only(['poll', 'long-poll'], 'HTTP has workers ask; pushed work is transport ws'),
    collection: only(['long-poll', 'poll'], 'HTTP has clients ask'),
    connections: only(['kept', 'per-request'], 'HTTP has these two'),
  },
  ws: {
    engine: only(['native', 'browser'], 'these speak WebSocket'),
    codec: only('binary', 'its messages hold frames'),
    dispatch: only('push', 'work that is asked for is transport rest'),
    collection: only([], 'the product is pushed'),
    connections: STAYS_OPEN,
  },
};

const KERNELS: Record<Engine, Rule> = {
  native: only(
    ['origin', 'naive', 'blocked', 'simd', 'blas'],
    'relaxed SIMD is of WebAssembly; native simd fuses multiply and add already',
  ),
  browser: only(
    ['origin', 'naive', 'blocked', 'simd', 'relaxed', 'relaxed-wide'],
    'blas is a native library',
  ),
};

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

/** How the client learns of its product; null where it need not ask. */
export function collectionOf({ transport, collection }: System): Collection | null {
  return transport === 'rest' ? (collection ?? 'long-poll') : null;
}

/** Whether a connection serves one request or many; null where there are none. */
export function connectionsOf({ transport, connections }: System): Connections | null {
  return transport === 'inproc' ? null : (connections ?? 'kept');
}

/** Whether somebody asks at intervals, so that a task waits for that. */
export function polls(system: System): boolean {
  return system.dispatch === 'poll' || collectionOf(system) === 'poll';
}

/**
 * Why the programs cannot run this system: the field, its value, what was expected and why; undefined
 * when they can.
 */
export function problemOf(system: System): string | undefined {
  const { engine, transport, codec, kernel, dispatch, collection } = system;
  const rules = RULES[transport];
  const of = (field: string) => `${field} of transport ${transport}`;
  return (
    unlike(of('engine'), engine, rules.engine) ??
    unlike(of('codec'), codec, rules.codec) ??
    unlike(of('dispatch'), dispatch, rules.dispatch) ??
    unlike(of('collection'), collection ?? collectionOf(system), rules.collection) ??
    unlike(of('connections'), system.connections ?? connectionsOf(system), rules.connections) ??
    unlike(`kernel of engine ${engine}`, kernel, KERNELS[engine])
  );
}

function unlike(field: string, value: string | null, { expected, because }: Rule) {
  if (value === null || expected.includes(value)) return undefined;
  const wanted = expected.length > 0 ? expected.join(' or ') : 'none';
  return `${field} is '${value}'; expected ${wanted}: ${because}`;
}
