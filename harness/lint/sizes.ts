import { dirname } from 'node:path';
import { isForMeasuringOrTesting } from './room_table.js';

/** Beyond these a file says more than one thing, and a folder is more than one room. */
const MOST_LINES = 400;
const MOST_FILES = 24;

/** Each source that is too long, and each folder with too many: `a/b.cc has 412 lines, expected at most 400`. */
export function oversized(lengths: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  const filesIn = new Map<string, Set<string>>();
  for (const [file, lines] of lengths) {
    if (isForMeasuringOrTesting(file)) continue;
    if (lines > MOST_LINES)
      found.push(`${file} has ${lines} lines, expected at most ${MOST_LINES}`);
    // A header and its source are one.
    const names = filesIn.get(dirname(file)) ?? new Set();
    filesIn.set(dirname(file), names.add(file.replace(/\.\w+$/, '')));
  }
  for (const [folder, names] of filesIn) {
    if (names.size <= MOST_FILES) continue;
    found.push(`${folder}/ has ${names.size} sources, expected at most ${MOST_FILES}`);
  }
  return found;
}
