import type { Attempt } from './attempts.js';
import { complaintIn, finish } from './finish.js';
import { Witness } from './witness.js';

/** What came of an attempt in an engine. */
export interface Outcome {
  /** Whether it has got what it tried to get. */
  readonly reached: boolean;
  /** What it got, or what kept it from that. */
  readonly by: string;
  /** How its engine ended: what the worker's host sees. */
  readonly host_sees: string;
}

/** How long an attempt may take. */
const LIMIT_MS = 30_000;

interface Way {
  /** The name of a folder that it is granted. */
  readonly folder?: string;
  readonly limitMs?: number;
}

/** What is kept of what is said. */
const MOST_CHARACTERS = 200;

/** Has `attempt` made by what `command` starts. */
export async function probe(
  command: readonly string[],
  attempt: Attempt,
  witness: Witness,
  { folder = '', limitMs = LIMIT_MS }: Way = {},
): Promise<Outcome> {
  witness.reset();
  const argument = attempt.argument?.(witness, folder);
  const line = [attempt.probe ?? attempt.name, ...(argument === undefined ? [] : [argument])].join(
    ' ',
  );
  const finished = await finish(command, `${line}\n`, {
    env: { ...process.env, [Witness.variable]: witness.secret },
    limitMs,
  });
  const { stdout, end } = finished;
  await witness.settle();
  const [how = '', ...words] = stdout.trim().split(' ');
  const said = words.join(' ');
  if (how === 'done') {
    const reached = attempt.reached(said, witness);
    return { reached, by: shown(reached ? said : `its own: ${said}`, witness), host_sees: end };
  }
  const said_so = how === 'refused' || how === 'absent';
  const by = said_so ? said : complaintIn(finished);
  return { reached: false, by: shown(by, witness), host_sees: end };
}

/** Without what differs from time to time. */
function shown(
  text: string,
  { secret, secretFile, newFile, grantable, port, victim }: Witness,
): string {
  const plain = text
    .replaceAll(secret, 'SECRET')
    .replaceAll(secretFile, 'FILE')
    .replaceAll(newFile, 'FILE')
    .replaceAll(grantable, 'FOLDER')
    .replaceAll(String(victim), 'PID')
    .replaceAll(String(port), 'PORT')
    .replace(/\s+/g, ' ');
  return plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)}…` : plain;
}
