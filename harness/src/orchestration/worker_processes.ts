import { readFileSync } from 'node:fs';
import { familyOf } from '../launch/parts/proc.js';

/** Those among the processes and all that they have started that are workers. */
export function workersAmong(roots: readonly number[]): number[] {
  return roots.flatMap(familyOf).filter((pid) => /(^|\/)swarm-worker\0/.test(commandOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
