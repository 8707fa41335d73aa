import { fstatSync } from 'node:fs';
import { messageOf } from './errors.js';
import { padEnd, padStart, widthOf } from './terminal.js';
import { writeAll } from './write_all.js';

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

/** Where lines go. */
interface Output {
  readonly name: string;
  readonly descriptor: number;
  readonly stream: NodeJS.WriteStream;
}

const STDOUT: Output = { name: 'standard output', descriptor: 1, stream: process.stdout };
const STDERR: Output = { name: 'standard error', descriptor: 2, stream: process.stderr };

/** What could not be written, the first of each. */
const failures = new Map<Output, unknown>();

/** A line for the user, on stderr. */
export function say(text: string): void {
  write(STDERR, `${text}\n`);
}

/** A result, on stdout. */
export function print(text: string): void {
  write(STDOUT, `${text}\n`);
}

/** A result for another program: one JSON value on stdout. NaN becomes null. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/**
 * Takes note of what cannot be written, in place of ending a run half done. A reader that went away
 * (`| head`, a closed terminal) is no failure.
 */
export function watchOutput(): void {
  for (const output of [STDOUT, STDERR]) {
    output.stream.on('error', (error) => note(output, error));
  }
}

/** When all that was printed has been handed over: with which code to exit instead of `code`. */
export async function flushOutput(code: number): Promise<number> {
  for (const { stream } of [STDOUT, STDERR]) await flush(stream);
  for (const [{ name }, error] of failures) {
    say(`run-experiment: could not write to ${name}: ${messageOf(error)}`);
  }
  return failures.size > 0 && code === EXIT.ok ? EXIT.error : code;
}

function write(output: Output, text: string): void {
  const { descriptor, stream } = output;
  if (!fstatSync(descriptor).isFile()) {
    stream.write(text);
    return;
  }
  try {
    // Node's stream of a file takes no notice when only a part was written.
    writeAll(descriptor, Buffer.from(text));
  } catch (error) {
    note(output, error);
  }
}

function note(output: Output, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EPIPE' && !failures.has(output)) failures.set(output, error);
}

/** Returns when everything was written, or could not be. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.destroyed && stream.writableLength > 0) stream.write('', () => resolve());
    // An error of what was written is told at the next turn.
    else setImmediate(resolve);
  });
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
