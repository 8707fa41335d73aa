import { padEnd, padStart, widthOf } from './terminal.js';

/** What the program answers with when it ends. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  /** A cell of a comparison is slower. */
  regression: 3,
  /** The measurements differ too much from each other to say what was asked. */
  noisy: 4,
  interrupted: 130,
};

/** A line for the user, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A result, on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A result for another program: one JSON value on stdout. NaN becomes null. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/**
 * Lines in which columns are as wide as they must be; the first `left` of them to the left, the others
 * to the right.
 */
export function alignColumns(rows: readonly (readonly string[])[], left = 1): string[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: count }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((field, i) => {
        const width = widths[i] ?? 0;
        return i < left ? padEnd(field, width) : padStart(field, width);
      })
      .join('  ')
      .trimEnd(),
  );
}
