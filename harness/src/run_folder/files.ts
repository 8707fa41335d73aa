import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../base/errors.js';
import { writeAll } from '../base/write_all.js';

/** What the user can do about a write that failed, by the kernel's reason. */
const CURES: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space',
  EDQUOT: 'free some of your quota',
  EFBIG: 'raise the limit on the size of files (ulimit -f)',
  EIO: 'check the disk (dmesg shows what it reports)',
  EROFS: 'make the file system writable',
  EACCES: 'change its permissions',
  EPERM: 'change its permissions',
};

/** Something could not be written: says where, why, and what to do about it. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
  readonly cure: string;

  constructor(path: string, cause: unknown) {
    super(`${path} could not be written: ${messageOf(cause)}`, { cause });
    this.cure = CURES[(cause as NodeJS.ErrnoException).code ?? ''] ?? 'fix that';
  }
}

/**
 * Replaces a file as a whole: a reader finds the old one or the new one, never a part. It is on the
 * disk when this returns. Throws WriteError.
 */
export function writeWhole(path: string, content: string | Buffer): void {
  const part = `${path}.new`;
  try {
    writePart(part, Buffer.from(content));
    moveIntoPlace(part, path);
  } catch (error) {
    removePart(part);
    throw new WriteError(path, error);
  }
}

function writePart(part: string, content: Buffer): void {
  const file = openSync(part, 'w');
  try {
    writeAll(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Gives a whole file its name, for good. */
export function moveIntoPlace(part: string, path: string): void {
  renameSync(part, path);
  syncFolder(dirname(path));
}

/** A part is of no use, and may be what fills the disk. */
export function removePart(part: string): void {
  ifPossible(() => rmSync(part, { force: true }));
}

/**
 * Appends to a file, and returns its size then. It is on the disk when this returns, with the name
 * of a new file; when it throws WriteError, the file is as it was, unless the disk refuses that, too.
 */
export function appendWhole(path: string, text: string): number {
  try {
    const isNew = !existsSync(path);
    const file = openSync(path, 'a');
    const before = fstatSync(file).size;
    const content = Buffer.from(text);
    try {
      writeAll(file, content);
      fsyncSync(file);
      if (isNew) syncFolder(dirname(path));
    } catch (error) {
      ifPossible(() => ftruncateSync(file, before));
      throw error;
    } finally {
      closeSync(file);
    }
    return before + content.length;
  } catch (error) {
    throw new WriteError(path, error);
  }
}

/** Writes so much to a folder and takes it back. Throws WriteError. */
export function tryToWrite(folder: string, bytes: number): void {
  const part = join(folder, 'probe.new');
  try {
    writePart(part, Buffer.alloc(bytes, 'x'));
  } catch (error) {
    throw new WriteError(folder, error);
  } finally {
    removePart(part);
  }
}

/** Shortens a file, for good. Throws WriteError. */
export function cutAt(path: string, bytes: number): void {
  try {
    const file = openSync(path, 'r+');
    try {
      ftruncateSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new WriteError(path, error);
  }
}

/** Makes the names in a folder as durable as their files. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The names in a folder; none where it is not there: git and ZIP archives keep no empty ones. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** A step after a failure, whose error says more than that of the step. */
function ifPossible(step: () => void): void {
  try {
    step();
  } catch {}
}
