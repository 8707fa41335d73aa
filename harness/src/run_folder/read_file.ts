import { readFileSync } from 'node:fs';

/** What a file says, without the white space around it; null when it cannot be read. */
export function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
