import { readFileSync } from 'node:fs';

/**
 * What the kernel's process accounting counts in: USER_HZ, 100 on every Linux that Node runs on.
 */
const TICKS_PER_SECOND = 100;

/** Sends the signal to a process group; nothing happens when the group is gone. */
export function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The process group of a process. Throws when there is no such process. */
export function processGroupOf(pid: number): number {
  return Number(statFields(pid)[2]);
}

/** Processor time of one process, user and system. Throws when there is no such process. */
export function cpuSecondsOf(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** `R`, `S`, `T` (stopped), `Z` and so on; undefined when there is no such process. */
export function stateOf(pid: number): string | undefined {
  try {
    return statFields(pid)[0];
  } catch {
    return undefined;
  }
}

/** Processor time of this process, and of those that it started, which have ended and are reaped. */
export function ownCpuSeconds(): { self: number; children: number } {
  const [user, system, childrenUser, childrenSystem] = statFields(process.pid)
    .slice(11, 15)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND) as [number, number, number, number];
  return { self: user + system, children: childrenUser + childrenSystem };
}

/**
 * The fields after the process's name, from `state` on:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
