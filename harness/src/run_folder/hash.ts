import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What a file was when the run wrote it. `path` is relative to the folder of the run. */
export interface FileRecord {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The SHA-256 of a text in UTF-8, in hexadecimal. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Describes the file at `path`, which the folder of the run knows as `name`. */
export async function recordFile(path: string, name: string): Promise<FileRecord> {
  return { path: name, bytes: statSync(path).size, sha256: await hashFile(path) };
}

/**
 * The SHA-256 of a value, whatever the order of its keys: of its JSON with the keys of every object
 * in order.
 */
export function hashOfValue(value: unknown): string {
  return hashOf(JSON.stringify(inOrder(value)));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, inOrder(each)]));
}
