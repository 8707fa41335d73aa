import { UsageError } from '../errors.js';

/** The most workers of one trial: as many connections as the coordinator allows by default. */
const MOST_WORKERS = 1024;

/**
 * The worker counts that a text names, ascending and each once: `4`, `1..16`, `1..16:3` (every
 * third from 1), or several of these separated by commas. Throws UsageError with the offending
 * part.
 */
export function parseWorkerCounts(text: string): number[] {
  const counts = new Set<number>();
  for (const part of text.split(',')) {
    for (const count of parsePart(part.trim())) counts.add(count);
  }
  return [...counts].sort((a, b) => a - b);
}

function parsePart(part: string): number[] {
  const match = /^(\d+)(?:\.\.(\d+)(?::(\d+))?)?$/.exec(part);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  const step = Number(match?.[3] ?? 1);
  if (!match || first < 1 || last > MOST_WORKERS || last < first || step < 1) {
    throw new UsageError(
      `'${part}' is no worker count; expected whole numbers from 1 to ${MOST_WORKERS}, such as 4, 1..16, 1..16:3 or 1,2,4`,
    );
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}
