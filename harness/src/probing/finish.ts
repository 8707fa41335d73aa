import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** What a program said, and how it ended. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** In words. */
  readonly end: string;
  /** From its start to its end. */
  readonly tookMs: number;
}

/** How long what was killed may take to end. */
const GRACE_MS = 1_000;

/** Starts a program with that input, and kills it and all that it has started when it has not ended in time. */
export async function finish(
  [program = '', ...args]: readonly string[],
  input: string,
  { env = process.env, limitMs }: { readonly env?: NodeJS.ProcessEnv; readonly limitMs: number },
): Promise<Finished> {
  const began = performance.now();
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
    // What has left the group, as a container does, may still hold what it would say.
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, GRACE_MS).unref();
  }, limitMs);
  const end = await new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (status, signal) =>
      resolve(signal === null ? `exit status ${status}` : `killed by ${signal}`),
    );
  });
  clearTimeout(limit);
  killGroup(child.pid);
  const tookMs = performance.now() - began;
  return { ...said, tookMs, end: isLate ? `had not ended in ${limitMs / 1_000} s` : end };
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

/** The line of an engine's complaint that says what it is about: on stderr, or else, as WasmEdge logs, on stdout; how it ended where there is none. */
export function complaintIn({ stdout, stderr, end }: Finished): string {
  const [err, out] = [stderr, stdout].map((text) =>
    stripVTControlCharacters(text)
      .split('\n')
      // Without the time that a log begins with.
      .map((line) => line.replace(/^\[\d{4}-\d\d-\d\d [\d:.]+\] /, '').trim())
      .filter((line) => line !== ''),
  );
  const telling = (lines: readonly string[] = []) =>
    TELLING.flatMap((sign) => lines.find((line) => sign.test(line)) ?? [])[0];
  return telling(err) ?? err?.[0] ?? telling(out) ?? end;
}
