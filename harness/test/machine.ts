/** What tests ask the machine about processes. */
import { readdirSync, readFileSync } from 'node:fs';
import { allowedProcessors } from '../src/base/processors.js';

/**
 * Whether there is such a process and it has not ended: one that waits to be reaped, or to become
 * one of those, has no memory any more and so no command line.
 */
export function isRunning(pid: number): boolean {
  return readProc(pid, 'cmdline') !== '';
}

/**
 * Keeps an eye on all processes with a mark in their environment, which they inherit from each
 * other, on their children and on those of their sessions: a browser's renderers overwrite their environment,
 * and what draws figures keeps nothing of it.
 */
export class ProcessWatch {
  private readonly sessions = new Set<string>();
  private readonly timer = setInterval(() => this.find(), 200);

  constructor(private readonly mark: string) {}

  /** The command lines of those that run now. */
  find(): string[] {
    const running = readdirSync('/proc').map(Number).filter(isRunning);
    const others = running.filter((pid) => pid !== process.pid);
    const marked = others.filter((pid) => readProc(pid, 'environ').includes(this.mark));
    const children = others.filter((pid) => marked.includes(parentOf(pid)));
    // Not that of the tests, in which a program that is asked something is for a moment.
    const own = sessionOf(process.pid);
    const sessions = [...marked, ...children].map(sessionOf).filter((each) => each !== own);
    for (const session of sessions) this.sessions.add(session);
    const found = others.filter((pid) => marked.includes(pid) || this.sessions.has(sessionOf(pid)));
    return found.flatMap((pid) => {
      const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 120);
      return command === '' ? [] : [`${pid} ${command}`];
    });
  }

  end(): void {
    clearInterval(this.timer);
  }
}

function sessionOf(pid: number): string {
  return statFields(pid)[3] ?? '';
}

function parentOf(pid: number): number {
  return Number(statFields(pid)[1]);
}

function statFields(pid: number): string[] {
  const stat = readProc(pid, 'stat');
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** The processors of every thread of a process. */
export function processorsOf(pid: number): number[][] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((thread) =>
    allowedProcessors(readFileSync(`${folder}/${thread}/status`, 'utf8')),
  );
}
