import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { startTimeOf } from '../launch/proc.js';

/**
 * Makes this process the only one that works on the run in `folder`, and returns how to let it go. A
 * lock of a process that is gone (killed, or lost in a power cut) counts for nothing. Throws
 * UsageError that names the process that holds it.
 */
export function holdLock(folder: string): () => void {
  const path = join(folder, 'lock');
  const own = `${process.pid} ${startTimeOf(process.pid)}\n`;
  const holder = readHolder(path);
  if (holder !== undefined && startTimeOf(holder.pid) === holder.startTime) {
    throw new UsageError(`${folder}: process ${holder.pid} works on this run`);
  }
  rmSync(path, { force: true });
  try {
    writeFileSync(path, own, { flag: 'wx' });
  } catch {
    throw new UsageError(`${folder}: another process has just begun to work on this run`);
  }
  return () => rmSync(path, { force: true });
}

function readHolder(path: string): { pid: number; startTime: string } | undefined {
  try {
    const [pid = '', startTime = ''] = readFileSync(path, 'utf8').trim().split(' ');
    return { pid: Number(pid), startTime };
  } catch {
    return undefined;
  }
}
