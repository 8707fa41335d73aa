import { UsageError } from '../errors.js';
import { readYaml } from './yaml_file.js';

export type Engine = 'native' | 'browser';
export type Transport = 'inproc' | 'tcp' | 'rest';
export type Codec = 'none' | 'json' | 'binary';
export type Kernel = 'naive' | 'blocked' | 'simd' | 'blas';
export type Dispatch = 'push' | 'poll' | 'long-poll';

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
}

/** systems.yaml: every system by its name. */
export type SystemsFile = Record<string, SystemFile>;

/** One complete way to do the multiplication. */
export interface System extends SystemFile {
  readonly name: string;
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

const KERNELS: Record<Engine, readonly Kernel[]> = {
  native: ['naive', 'blocked', 'simd', 'blas'],
  browser: ['naive', 'blocked', 'simd'],
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

/** Why the programs cannot run this system; undefined when they can. */
export function problemOf({
  engine,
  transport,
  codec,
  kernel,
  dispatch,
}: System): string | undefined {
  const supported = SUPPORTED[transport];
  return (
    unlike(`engine of transport ${transport}`, engine, [supported.engine]) ??
    unlike(`codec of transport ${transport}`, codec, supported.codecs) ??
    unlike(`dispatch of transport ${transport}`, dispatch, supported.dispatches) ??
    unlike(`kernel of engine ${engine}`, kernel, KERNELS[engine])
  );
}

function unlike(field: string, value: string, expected: readonly string[]): string | undefined {
  if (expected.includes(value)) return undefined;
  return `${field} is '${value}'; expected ${expected.join(' or ')}`;
}
