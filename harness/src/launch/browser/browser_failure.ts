import { constants } from 'node:os';
import type { Ending } from '../parts/processes.js';

/** What the log of a browser that did not start tells, and what to do about it; the first that fits. */
const CAUSES: readonly [sign: RegExp, cause: (match: RegExpExecArray) => string][] = [
  [
    /error while loading shared libraries: ([^\s:]+)/,
    ([, library]) =>
      `it lacks the library ${library}; install that, or chromium-headless-shell from the packages of the system`,
  ],
  [
    /Running as root without --no-sandbox/,
    () => 'it refuses to run as root with a sandbox; run as another user',
  ],
  [
    /No usable sandbox/,
    () => 'this machine allows it no sandbox; allow unprivileged user namespaces',
  ],
  [/: (?:Exec format error|cannot execute[^\n]*)/, () => 'it is not a program for this machine'],
  [
    /No space left on device[^\n]*|\/dev\/shm[^\n]*(?:too small|[Ff]ailed)[^\n]*/,
    ([line]) => `there is no room for its files (${line}); free some, or set TMPDIR`,
  ],
  [
    /[^\n]*(?:pthread_create|Resource temporarily unavailable)[^\n]*/,
    () =>
      'it may start no further process or thread; raise `ulimit -u`, or the limit of the container',
  ],
  [
    /[^\n]*(?:Out of memory|Cannot allocate memory|std::bad_alloc)[^\n]*/i,
    () => 'there is not enough memory for it',
  ],
  [/Too many open files/, () => 'it may not open enough files; raise `ulimit -n`'],
  [/: (?:[Pp]ermission denied)/, () => 'it may not be executed, or may not write to its folders'],
  [/FATAL:[^\s]*\s*([^\n]*)/, ([, line]) => line ?? ''],
];

const STATUS = /^ended with status (\d+)$/m;
/** Of a browser without a desktop around it, and of the shell that tells the signal in its own words. */
const NOISE =
  /dbus|Floss|vaapi|sandbox_linux|^(?:Killed|Terminated|Aborted|Segmentation fault|Bus error|Illegal instruction|Trace\/breakpoint trap)/;
const LONGEST_LINE = 200;

/** The cause of a failed start, a sentence's end: `it lacks the library libnss3.so; install …`. */
export function causeIn(log: string): string {
  for (const [sign, cause] of CAUSES) {
    const match = sign.exec(log);
    if (match !== null) return cause(match).slice(0, LONGEST_LINE);
  }
  const ending = endingIn(log);
  const words = log.split('\n').filter((line) => line && !STATUS.test(line) && !NOISE.test(line));
  const last = words.at(-1)?.slice(0, LONGEST_LINE);
  if (ending === undefined) return last ?? 'it did not answer';
  return `it ended with ${ending}${last ? `: ${last}` : ' and said nothing'}`;
}

/** How the browser of this log ended (run-browser); undefined while it runs. */
export function endingIn(log: string): Ending | undefined {
  const text = STATUS.exec(log)?.[1];
  if (text === undefined) return undefined;
  const status = Number(text);
  const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return signals.find(([, number]) => number === status - 128)?.[0] ?? status;
}
