import { UsageError } from '../base/errors.js';

/** What a list of whole numbers counts, for its errors, and the largest that makes sense. */
export interface Counted {
  readonly what: string;
  readonly most: number;
}

/** As many workers as the coordinator allows connections by default. */
export const WORKER_COUNT: Counted = { what: 'worker count', most: 1024 };
export const MATRIX_ORDER: Counted = { what: 'matrix order', most: 8192 };

/**
 * The whole numbers that a text names, ascending and each once: `4`, `1..16`, `1..16:3` (every
 * third from 1), or several of these separated by commas. Throws UsageError with the offending
 * part.
 */
export function parseWholeNumbers(text: string, counted: Counted): number[] {
  const numbers = new Set<number>();
  for (const part of new Set(text.split(','))) {
    for (const number of parsePart(part.trim(), counted)) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

function parsePart(part: string, { what, most }: Counted): number[] {
  const refuse = (why: string): never => {
    throw new UsageError(
      `'${shorten(part)}' is not a valid ${what}: ${why}; expected whole numbers from 1 to ${most}, such as 4, 1..16, 1..16:3 or 1,2,4`,
    );
  };
  const match = /^(\d+)(?:\.\.(\d+)(?::(\d+))?)?$/.exec(part);
  if (match === null) return refuse(part === '' ? 'it is empty' : 'it cannot be read');
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  const step = Number(match[3] ?? 1);
  if (first < 1) refuse(`${first} is below 1`);
  if (last < first) refuse(`the range ends at ${last}, before it begins`);
  if (last > most) refuse(`${shorten(match[2] ?? part)} is above ${most}`);
  if (step < 1) refuse('its step is 0');
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

/** One whole number, in decimal digits. Throws UsageError when it is another, or out of bounds. */
export function parseWholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`expected a whole number from ${least} to ${most}`);
}

function shorten(part: string): string {
  return part.length > 40 ? `${part.slice(0, 37)}...` : part;
}
