/** What the fields of a system may be, besides its engine and its transport, which are registered. */
export const TOPOLOGY_NAMES = ['in-process', 'direct', 'front', 'relayed'] as const;
export const CODECS = ['none', 'json', 'binary'] as const;
export const KERNELS = [
  'origin',
  'naive',
  'blocked',
  'simd-128',
  'simd',
  'relaxed',
  'relaxed-wide',
  'blas',
] as const;
export const DISPATCHES = ['push', 'poll', 'long-poll'] as const;
export const COLLECTIONS = ['long-poll', 'poll'] as const;
export const CONNECTIONS = ['kept', 'per-request'] as const;

export type Codec = (typeof CODECS)[number];
export type Kernel = (typeof KERNELS)[number];
export type Dispatch = (typeof DISPATCHES)[number];
export type Collection = (typeof COLLECTIONS)[number];
export type Connections = (typeof CONNECTIONS)[number];

/**
 * Who stands between the client and the workers: nobody, since threads of the client compute
 * (`in-process`) or since it calls the workers (`direct`); an HTTP server, which calls them (`front`);
 * or a coordinator (`relayed`). systems/topologies.ts has what follows from it.
 */
export type Topology = (typeof TOPOLOGY_NAMES)[number];

/** How a worker is reached, by whomever: a front calls its workers as a client would. */
export type Reach = Exclude<Topology, 'front'>;

/** The choices of a system, as its engine and its transport see them. */
export interface Choices {
  readonly engine: string;
  readonly topology?: Topology;
  readonly transport: string;
  readonly codec: Codec;
  readonly kernel: Kernel;
  readonly dispatch: Dispatch;
  readonly collection?: Collection;
  readonly connections?: Connections;
}

/** With what a system has that does not say; null where there is nothing to choose. */
export interface CompleteChoices extends Omit<Choices, 'topology' | 'collection' | 'connections'> {
  readonly topology: Topology;
  readonly collection: Collection | null;
  readonly connections: Connections | null;
}

/** What workers are started for, and a client is: the part of a cell that decides how. */
export interface Setup {
  readonly system: Choices;
  readonly workers: number;
  /** For how long a worker holds each task, at least; 0: as long as it computes. */
  readonly serviceMs: number;
}

/** Where programs and pages lie. */
export interface Built {
  /** The folder of the native programs. */
  readonly bin: string;
  readonly coordinator: string;
  /** The HTTP front of native workers. */
  readonly server: string;
  /** The folder of the pages of the browser workers and of the main app. */
  readonly site: string;
  /** The folder of the worker for WASI runtimes. */
  readonly wasi: string;
  /** The folder of the engines that setup/engine has put there. */
  readonly engines: string;
}
