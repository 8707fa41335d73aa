import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UsageError } from '../errors.js';

export const ENGINES = ['native', 'browser'] as const;
export const TRANSPORTS = ['inproc', 'tcp', 'rest'] as const;
export const CODECS = ['none', 'json', 'binary'] as const;
export const KERNELS = ['naive', 'blocked', 'simd', 'blas'] as const;
export const DISPATCHES = ['push', 'poll', 'long-poll'] as const;

export type Engine = (typeof ENGINES)[number];
export type Transport = (typeof TRANSPORTS)[number];
export type Codec = (typeof CODECS)[number];
export type Kernel = (typeof KERNELS)[number];
export type Dispatch = (typeof DISPATCHES)[number];

/** One complete way to do the multiplication. */
export interface System {
  readonly name: string;
  readonly engine: Engine;
  readonly transport: Transport;
  readonly codec: Codec;
  readonly kernel: Kernel;
  readonly dispatch: Dispatch;
}

/**
 * What the programs of this project can do: each transport has one engine behind it, and its own
 * codecs and dispatches.
 */
const SUPPORTED: Record<
  Transport,
  { engine: Engine; codecs: readonly Codec[]; dispatches: readonly Dispatch[] }
> = {
  inproc: { engine: 'native', codecs: ['none'], dispatches: ['push'] },
  tcp: { engine: 'native', codecs: ['binary'], dispatches: ['push'] },
  rest: { engine: 'browser', codecs: ['json', 'binary'], dispatches: ['poll', 'long-poll'] },
};

/**
 * The systems of a systems.yaml, in its order. Throws UsageError that names the file, the system
 * and the field.
 */
export function readSystems(path: string): System[] {
  const entries: unknown = parse(readFileSync(path, 'utf8'));
  if (!isRecord(entries))
    throw new UsageError(`${path}: expected a mapping from system names to systems`);
  return Object.entries(entries).map(([name, fields]) => {
    if (!isRecord(fields))
      throw new UsageError(
        `${path}: ${name}: expected engine, transport, codec, kernel and dispatch`,
      );
    const where = `${path}: ${name}`;
    return checkSystem(
      {
        name,
        engine: oneOf(where, 'engine', fields['engine'], ENGINES),
        transport: oneOf(where, 'transport', fields['transport'], TRANSPORTS),
        codec: oneOf(where, 'codec', fields['codec'], CODECS),
        kernel: oneOf(where, 'kernel', fields['kernel'], KERNELS),
        dispatch: oneOf(where, 'dispatch', fields['dispatch'], DISPATCHES),
      },
      where,
    );
  });
}

/**
 * The system, if the programs can run it. Throws UsageError, beginning with `where`, that says what
 * does not go together.
 */
export function checkSystem(system: System, where: string): System {
  const { engine, codecs, dispatches } = SUPPORTED[system.transport];
  oneOf(where, `engine of transport ${system.transport}`, system.engine, [engine]);
  oneOf(where, `codec of transport ${system.transport}`, system.codec, codecs);
  oneOf(where, `dispatch of transport ${system.transport}`, system.dispatch, dispatches);
  if (system.engine === 'browser' && system.kernel === 'blas') {
    throw new UsageError(
      `${where}: kernel 'blas' is native only; expected naive, blocked or simd in a browser`,
    );
  }
  return system;
}

/** Whether the codec of this system can be chosen, rather than being fixed by its transport. */
export function hasChoiceOfCodec(system: System): boolean {
  return SUPPORTED[system.transport].codecs.length > 1;
}

function oneOf<T extends string>(
  where: string,
  field: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new UsageError(
      `${where}: ${field} is '${String(value)}'; expected ${allowed.join(' or ')}`,
    );
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
