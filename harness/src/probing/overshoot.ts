/** How far a program gets beyond each limit that an engine can set, and what ends then. */
import { messageOf } from '../base/errors.js';
import { ENGINES } from '../engines/all.js';
import type { Engine, Guests, Limits } from '../engines/engine.js';
import type { Built } from '../systems/fields.js';
import { complaintIn, type Finished, finish } from './finish.js';

const MIB = 2 ** 20;

export interface Limit {
  readonly name: keyof Limits;
  readonly title: string;
  readonly limits: Limits;
  /** What worker/isolation/probe.cc does to exceed it. */
  readonly attempt: string;
  /** Of what is measured. */
  readonly unit: 'MiB' | 'ms';
  /** How far it got, in that unit; undefined where it does not tell. */
  readonly got: (finished: Finished) => number | undefined;
  /** How far it may get. */
  readonly allowed: number;
  /** What keeps a program from more that goes on to its end; undefined where nothing did. */
  readonly slowed?: (got: number) => string | undefined;
}

/** For how long `burn` computes. */
const BURN_MS = 2_000;

export const LIMITS: readonly Limit[] = [
  {
    name: 'memoryBytes',
    title: '128 MiB of memory',
    limits: { memoryBytes: 128 * MIB },
    attempt: 'grow-memory',
    unit: 'MiB',
    // It says how much it has after each piece, so that what it had when it was killed is known.
    got: ({ stdout }) => Number([...stdout.matchAll(/^(\d+) MiB$/gm)].at(-1)?.[1] ?? '0'),
    allowed: 128,
  },
  {
    name: 'seconds',
    title: '1 s of time',
    limits: { seconds: 1 },
    attempt: 'spin',
    unit: 'ms',
    got: ({ tookMs }) => tookMs,
    allowed: 1_000,
  },
  {
    name: 'fuel',
    title: '1,000,000,000 instructions',
    limits: { fuel: 1e9 },
    attempt: 'spin',
    unit: 'ms',
    got: ({ tookMs }) => tookMs,
    // Of time there is no limit: how long as many instructions take.
    allowed: 0,
  },
  {
    name: 'processors',
    title: 'half a processor, for 2 s',
    limits: { processors: 0.5 },
    attempt: 'burn',
    unit: 'ms',
    got: ({ stdout }) => {
      const [, ms] = /^done (\d+) ms$/m.exec(stdout) ?? [];
      return ms === undefined ? undefined : Number(ms);
    },
    allowed: BURN_MS / 2,
    slowed: (got) => (got < 0.9 * BURN_MS ? 'it had to wait' : undefined),
  },
];

/** One try to exceed a limit. */
export interface Exceeding {
  readonly engine: string;
  readonly limit: keyof Limits;
  readonly repeat: number;
  readonly got: number | null;
  /** Beyond what is allowed, in the unit of the limit; less than 0: below it. */
  readonly beyond: number | null;
  /** From its start to its end. */
  readonly took_ms: number;
  /** What kept it from more, in the engine's words; empty where nothing did. */
  readonly by: string;
  readonly host_sees: string;
}

/** Longer than `spin` lasts by itself. */
const LIMIT_MS = 30_000;

export interface Limiting extends Engine {
  readonly guests: Guests & { readonly limits: readonly (keyof Limits)[] };
}

/** The engines that can limit anything. */
export function limiting(): Limiting[] {
  return ENGINES.all().filter(
    (engine): engine is Limiting => (engine.guests?.limits?.length ?? 0) > 0,
  );
}

/** Exceeds each limit of each engine so often, one after the other; `onEngine` is told of each that is done. */
export async function exceedAll(
  built: Built,
  engines: readonly Limiting[],
  repeats: number,
  onEngine: (engine: string, came: readonly Exceeding[] | string) => void,
): Promise<{
  readonly rows: readonly Exceeding[];
  readonly unavailable: Readonly<Record<string, string>>;
}> {
  const rows: Exceeding[] = [];
  const unavailable: Record<string, string> = {};
  for (const { name, guests } of engines) {
    try {
      await guests.prepare(built, 'isolation-probe');
    } catch (error) {
      unavailable[name] = messageOf(error);
      onEngine(name, messageOf(error));
      continue;
    }
    const own: Exceeding[] = [];
    for (const limit of LIMITS.filter((each) => guests.limits.includes(each.name))) {
      for (let repeat = 1; repeat <= repeats; repeat += 1) {
        own.push({ engine: name, repeat, ...(await exceed(built, guests, limit)) });
      }
    }
    rows.push(...own);
    onEngine(name, own);
  }
  return { rows, unavailable };
}

async function exceed(built: Built, guests: Guests, limit: Limit) {
  const guest = { program: 'isolation-probe', flags: [], limits: limit.limits } as const;
  const finished = await finish(guests.command(built, guest), `${limit.attempt}\n`, {
    limitMs: LIMIT_MS,
  });
  const got = limit.got(finished) ?? null;
  const isDone = /^done/m.test(finished.stdout);
  const refused = /^refused (.*)$/m.exec(finished.stdout)?.[1];
  return {
    limit: limit.name,
    got,
    beyond: got === null ? null : got - limit.allowed,
    took_ms: finished.tookMs,
    by: isDone
      ? ((got === null ? undefined : limit.slowed?.(got)) ?? '')
      : (refused ?? complaintIn(finished)),
    host_sees: finished.end,
  };
}
