import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The numbers of those that a program may run on; null: all that this process may use. */
export type Processors = readonly number[] | null;

/** The numbers of the processors that this process, and what it starts, may use (taskset, cpusets). */
export function allowedProcessors(
  status: string = readFileSync('/proc/self/status', 'utf8'),
): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** A command that starts `command` on these processors. */
export function startedOn(processors: Processors, command: readonly string[]): string[] {
  return processors === null
    ? [...command]
    : ['taskset', '--cpu-list', processors.join(','), ...command];
}

/** Moves a process that runs, with all its threads, to these processors. */
export function moveTo(processors: Processors, pid: number): void {
  if (processors === null) return;
  const args = ['--all-tasks', '--cpu-list', '--pid', processors.join(','), String(pid)];
  const { status, stderr, error } = spawnSync('taskset', args, { encoding: 'utf8' });
  // Of a process that is not there it moves no thread, and is content.
  if (status === 0 && existsSync(`/proc/${pid}`)) return;
  throw new Error(
    `cannot move process ${pid} to processors ${processors.join(',')}: ${error?.message ?? (stderr.trim() || 'it is not there')}`,
  );
}
