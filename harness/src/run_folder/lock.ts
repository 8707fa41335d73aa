import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../base/errors.js';
import { type FileLock, tryLock } from '../base/flock.js';
import { WriteError } from './files.js';

/** Who holds a lock, in its own words: only to be shown, never to decide by. */
interface Holder {
  readonly pid: number;
  /** Numbers of processes mean something within one only. */
  readonly pid_namespace: string;
  readonly host: string;
  readonly since: string;
}

/**
 * Makes this process the only one that works on the run in `folder`, and returns how to let it go.
 * The end of the process does as well. Throws UsageError that names the holder where it is known.
 */
export function holdLock(folder: string): () => void {
  const path = join(folder, 'lock');
  const lock = lockOrExplain(path);
  if (lock === undefined) throw new UsageError(`${folder}: ${describe(readHolder(path))}`);
  nameHolder(lock);
  return () => lock.release();
}

function lockOrExplain(path: string): FileLock | undefined {
  try {
    return tryLock(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const failed = new WriteError(path, error);
    throw new UsageError(`${failed.message}; ${failed.cure}`);
  }
}

/** On a disk that is full the lock holds all the same, and nobody can read whose it is. */
function nameHolder(lock: FileLock): void {
  try {
    lock.write(`${JSON.stringify(ownHolder())}\n`);
  } catch {}
}

function ownHolder(): Holder {
  return {
    pid: process.pid,
    pid_namespace: readlinkSync('/proc/self/ns/pid'),
    host: hostname(),
    since: new Date().toISOString(),
  };
}

/** Undefined when the holder has locked the file, and not yet written who it is. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function describe(holder: Holder | undefined): string {
  if (holder === undefined)
    return 'another process is working on this run; wait until it has ended';
  const { pid, host, since } = holder;
  const own = ownHolder();
  if (holder.pid_namespace === own.pid_namespace && host === own.host) {
    return `process ${pid} has been working on this run since ${since}; wait until it has ended, or end it: kill ${pid}`;
  }
  return `a process of another container or machine has been working on this run since ${since} (${pid} there, host ${host}); wait until it has ended, or end it there`;
}
