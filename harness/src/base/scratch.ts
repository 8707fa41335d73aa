import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { messageOf } from './errors.js';
import { type FileLock, tryLock } from './flock.js';

/** Others than those of earlier versions, which have no lock to tell whether they are abandoned. */
const PREFIX = 'enxame-scratch-';

/** Where a folder's path is short, as addresses of sockets need it; TMPDIR may be deep. */
export const SHORT_PARENT = '/tmp';

/**
 * Makes a folder for temporary files. It is in use for as long as this process has it locked, so that one
 * that was killed leaves a folder that the next can tell from those in use.
 */
export function makeScratch(parent = tmpdir()): string {
  for (;;) {
    const path = makeFolder(parent);
    // Undefined when another start has taken it for abandoned, before it was locked.
    if (lockIn(path) !== undefined) return path;
  }
}

/** Removes the folders of this user's harnesses that were killed before they could. */
export function removeAbandoned(): void {
  for (const path of ownFolders()) {
    try {
      const lock = lockIn(path);
      if (lock === undefined) continue;
      removeScratch(path);
      lock.release();
    } catch {
      // What cannot be removed is in nobody's way.
    }
  }
}

export function removeScratch(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Undefined when another process holds the folder, or has removed it meanwhile. */
function lockIn(path: string): FileLock | undefined {
  try {
    return tryLock(join(path, 'lock'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function makeFolder(parent: string): string {
  try {
    // TMPDIR may be relative, and programs are in other folders.
    return mkdtempSync(resolve(parent, PREFIX));
  } catch (error) {
    throw new Error(
      `no temporary folder in ${parent}: ${messageOf(error)}; set TMPDIR to a folder that you may write to`,
    );
  }
}

function ownFolders(): string[] {
  const own = process.geteuid?.();
  return [...new Set([tmpdir(), SHORT_PARENT])]
    .flatMap((parent) => namesIn(parent).map((name) => join(parent, name)))
    .filter((path) => basename(path).startsWith(PREFIX))
    .filter((path) => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      return found?.isDirectory() && found.uid === own;
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
