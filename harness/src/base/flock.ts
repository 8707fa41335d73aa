import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { writeAll } from './write_all.js';

/** A file that this process alone has locked, until it lets go or ends, however it ends. */
export interface FileLock {
  /** Replaces what is in the file: words for those who find it locked. */
  write(text: string): void;
  /** Removes the file and lets go. */
  release(): void;
}

const OPEN = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Locks the file at `path`, which is made where it is missing. Undefined when somebody else holds it.
 *
 * The lock is flock(2)'s: the kernel gives it in one step to one open file, whatever pid namespace,
 * container or user its process belongs to, and takes it back when that file is closed, by a SIGKILL
 * as well. A pid in a file, or a lease that is renewed, can do neither. Node has no flock; util-linux's
 * locks the descriptor that it inherits, which stays locked when flock has ended, because it is the
 * same open file as ours. Nothing else inherits it: Node opens files close-on-exec.
 */
export function tryLock(path: string): FileLock | undefined {
  for (;;) {
    const file = openSync(path, OPEN, 0o644);
    const locked = flock(file, path);
    // Who held it before may have removed it since it was opened: then it locks nobody out.
    if (locked && isStillAt(path, file)) return lockOf(path, file);
    closeSync(file);
    if (!locked) return undefined;
  }
}

function lockOf(path: string, file: number): FileLock {
  return {
    write: (text) => {
      ftruncateSync(file);
      writeAll(file, Buffer.from(text), 0);
    },
    release: () => {
      // In this order: while it is locked, nobody else removes it. Unless by hand; then another may be there.
      if (isStillAt(path, file)) rmSync(path, { force: true });
      closeSync(file);
    },
  };
}

function flock(file: number, path: string): boolean {
  const child = spawnSync('flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
    encoding: 'utf8',
  });
  // A Ctrl-C reaches the whole group; what it means is for the handlers of this process to say.
  if (child.signal !== null) return flock(file, path);
  if (child.status === 0) return true;
  const words = child.error?.message ?? child.stderr.trim();
  if (child.status === 1 && words === '') return false;
  throw new Error(
    `${path}: cannot be locked (${words}); expected flock of util-linux and a file system that supports locks`,
  );
}

function isStillAt(path: string, file: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(file);
  return named !== undefined && named.dev === dev && named.ino === ino;
}
