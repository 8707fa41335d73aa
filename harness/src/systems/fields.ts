/** What the fields of a system may be, besides its engine and its transport, which are registered. */
export const CODECS = ['none', 'json', 'binary'] as const;
export const KERNELS = [
  'origin',
  'naive',
  'blocked',
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
 * How work comes to a worker: it is computed by threads of the client (`in-process`), a worker is
 * called by the client (`direct`), or a coordinator has it in between (`relayed`).
 */
export type Topology = 'in-process' | 'direct' | 'relayed';

/** The choices of a system, as its engine and its transport see them. */
export interface Choices {
  readonly engine: string;
  readonly transport: string;
  readonly codec: Codec;
  readonly kernel: Kernel;
  readonly dispatch: Dispatch;
  readonly collection?: Collection;
  readonly connections?: Connections;
}

/** With what a system has that does not say; null where there is nothing to choose. */
export interface CompleteChoices extends Omit<Choices, 'collection' | 'connections'> {
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
  /** The folder of the pages of the browser workers and of the main app. */
  readonly site: string;
}
