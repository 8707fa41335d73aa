import { readdirSync, readFileSync } from 'node:fs';

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

/**
 * A process and all that it has started and that still run, as engines in programs of their own do.
 * Where the kernel does not tell (/proc/PID/task/TID/children needs CONFIG_PROC_CHILDREN), the process
 * alone.
 */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

function childrenOf(pid: number): number[] {
  const threads = listIfThere(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readIfThere(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

/**
 * Processor time of a process and its family, and of all that they have waited for. Throws when there
 * is no such process.
 */
export function familyCpuSecondsOf(pid: number): number {
  const spentS = allSecondsOf(pid);
  return childrenOf(pid).reduce((sum, child) => sum + (secondsIfThere(child) ?? 0), spentS);
}

/** One that ends just now counts with its parent the next time. */
function secondsIfThere(pid: number): number | undefined {
  try {
    return familyCpuSecondsOf(pid);
  } catch {
    return undefined;
  }
}

/**
 * How often the threads that a process has now were moved to another processor since they began; null
 * where the kernel does not tell (/proc/PID/sched needs CONFIG_SCHED_DEBUG). Throws when there is no
 * such process.
 */
export function migrationsOf(pid: number): number | null {
  const folder = `/proc/${pid}/task`;
  const counts = readdirSync(folder).map((thread) => {
    // One that has ended since, or a kernel that does not tell.
    const text = readIfThere(`${folder}/${thread}/sched`);
    return /^se\.nr_migrations\s*:\s*(\d+)/m.exec(text)?.[1];
  });
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + Number(count), 0);
}

/** `R`, `S`, `T` (stopped), `Z` and so on; undefined when there is no such process. */
export function stateOf(pid: number): string | undefined {
  try {
    return statFields(pid)[0];
  } catch {
    return undefined;
  }
}

/** Processor time of this process. */
export function ownCpuSeconds(): number {
  return cpuSecondsOf(process.pid);
}

/**
 * The fields after the process's name, from `state` on:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** With that of children that it has waited for. */
function allSecondsOf(pid: number): number {
  const ticks = statFields(pid).slice(11, 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_SECOND;
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
