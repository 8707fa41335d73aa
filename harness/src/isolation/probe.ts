import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { Attempt } from './attempts.js';
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
  const { stdout, stderr, end } = await finish(command, `${line}\n`, witness, limitMs);
  await witness.settle();
  const [how = '', ...words] = stdout.trim().split(' ');
  const said = words.join(' ');
  if (how === 'done') {
    const reached = attempt.reached(said, witness);
    return { reached, by: shown(reached ? said : `its own: ${said}`, witness), host_sees: end };
  }
  const said_so = how === 'refused' || how === 'absent';
  const by = said_so ? said : complaintIn(stderr) || end;
  return { reached: false, by: shown(by, witness), host_sees: end };
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: string;
}

async function finish(
  [program = '', ...args]: readonly string[],
  input: string,
  { secret }: Witness,
  limitMs: number,
): Promise<Finished> {
  const env = { ...process.env, [Witness.variable]: secret };
  // A group of its own, so that whatever it has started ends with it.
  const child = spawn(program, args, { env, detached: true });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (said[name].length < 1 << 20) said[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(input);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    killGroup(child.pid);
  }, limitMs);
  const end = await new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (status, signal) =>
      resolve(signal === null ? `exit status ${status}` : `killed by ${signal}`),
    );
  });
  clearTimeout(limit);
  killGroup(child.pid);
  return { ...said, end: isLate ? `had not ended in ${limitMs / 1_000} s` : end };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/** What such a line has in it, the most telling first. */
const TELLING = [/wasm trap:|RuntimeError:|trapped: [A-Z]/, /error/i];

/** The line of an engine's complaint that says what it is about. */
function complaintIn(stderr: string): string {
  const lines = stripVTControlCharacters(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (
    TELLING.flatMap((sign) => lines.find((line) => sign.test(line)) ?? [])[0] ?? lines[0] ?? ''
  );
}

/** Without what differs from time to time. */
function shown(text: string, { secret, secretFile, newFile, port, victim }: Witness): string {
  const plain = text
    .replaceAll(secret, 'SECRET')
    .replaceAll(secretFile, 'FILE')
    .replaceAll(newFile, 'FILE')
    .replaceAll(String(victim), 'PID')
    .replaceAll(String(port), 'PORT')
    .replace(/\s+/g, ' ');
  return plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)}…` : plain;
}
