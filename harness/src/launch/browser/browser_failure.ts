import { constants } from 'node:os';
import type { Ending } from '../parts/processes.js';

/** What the log of a browser that did not start tells, and what to do about it; the first that fits. */
const CAUSES: readonly [sign: RegExp, cause: (match: RegExpExecArray) => string][] = [
  [
    /error while loading shared libraries: ([^\s:]+)/,
    ([, library]) =>
      `the library ${library} is missing; install it, or the system's package chromium-headless-shell`,
  ],
  [
    /Running as root without --no-sandbox/,
    () => 'it refuses to run as root with a sandbox; run as another user',
  ],
  [
    /No usable sandbox/,
    () => 'this machine does not allow a sandbox; allow unprivileged user namespaces',
  ],
  [
    /: (?:Exec format error|cannot execute[^\n]*)/,
    () => 'it is not an executable for this machine',
  ],
  [
    /No space left on device[^\n]*|\/dev\/shm[^\n]*(?:too small|[Ff]ailed)[^\n]*/,
    ([line]) => `there is no space for its files (${line}); free some, or set TMPDIR`,
  ],
  [
    /[^\n]*(?:pthread_create|Resource temporarily unavailable)[^\n]*/,
    () =>
      'it cannot start another process or thread; raise `ulimit -u`, or the limit of the container',
  ],
  [
    /[^\n]*(?:Out of memory|Cannot allocate memory|std::bad_alloc)[^\n]*/i,
    () => 'there is not enough memory for it',
  ],
  [/Too many open files/, () => 'it cannot open enough files; raise `ulimit -n`'],
  [
    /: (?:[Pp]ermission denied)/,
    () => 'permission to execute it, or to write to its folders, was denied',
  ],
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
  return `it ended with ${ending}${last ? `: ${last}` : ' without a message'}`;
}

/** How the browser of this log ended (run-browser); undefined while it runs. */
export function endingIn(log: string): Ending | undefined {
  const text = STATUS.exec(log)?.[1];
  if (text === undefined) return undefined;
  const status = Number(text);
  const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return signals.find(([, number]) => number === status - 128)?.[0] ?? status;
}
