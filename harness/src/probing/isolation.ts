import { messageOf } from '../base/errors.js';
import { ENGINES } from '../engines/all.js';
import type { Engine, Guests } from '../engines/engine.js';
import type { Built } from '../systems/fields.js';
import { ATTEMPTS, type Attempt } from './attempts.js';
import { type Outcome, probe } from './probe.js';
import { Witness } from './witness.js';

const PROBE = { program: 'isolation-probe', flags: [] } as const;

export interface Row extends Outcome {
  readonly engine: string;
  readonly attempt: string;
}

export interface Probed {
  readonly rows: readonly Row[];
  /** Engines that this machine does not allow, and why. */
  readonly unavailable: Readonly<Record<string, string>>;
}

export interface Host extends Engine {
  readonly guests: Guests;
}

/** The engines that can run a probe, in the order of the registry. */
export function hosts(): Host[] {
  return ENGINES.all().filter(
    (engine): engine is Host => engine.guests !== undefined && engine.unlimited === undefined,
  );
}

/** Makes every attempt in each engine, one at a time; `onEngine` is told before and after each. */
export async function probeAll(
  built: Built,
  engines: readonly Host[],
  onEngine: (engine: string, rows?: readonly Row[] | string) => void,
): Promise<Probed> {
  const witness = await Witness.start();
  const rows: Row[] = [];
  const unavailable: Record<string, string> = {};
  try {
    for (const { name, guests } of engines) {
      onEngine(name);
      try {
        await guests.prepare(built, PROBE.program);
      } catch (error) {
        unavailable[name] = messageOf(error);
        onEngine(name, messageOf(error));
        continue;
      }
      const own: Row[] = [];
      for (const attempt of ATTEMPTS) {
        const outcome = attempt.withFolder
          ? await probeWithFolder(built, guests, attempt, witness)
          : await probe(guests.command(built, PROBE), attempt, witness);
        if (outcome) own.push({ engine: name, attempt: attempt.name, ...outcome });
      }
      rows.push(...own);
      onEngine(name, own);
    }
  } finally {
    await witness.stop();
  }
  return { rows, unavailable };
}

/** Undefined where no folder can be granted. */
async function probeWithFolder(
  built: Built,
  { command, grants }: Guests,
  attempt: Attempt,
  witness: Witness,
): Promise<Outcome | undefined> {
  if (grants === undefined) return undefined;
  const granted = witness.grantable;
  return probe(command(built, { ...PROBE, granted }), attempt, witness, {
    folder: grants(granted),
  });
}
