import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './hash.js';
import { completeRow } from './later_axes.js';
import type { TrialRow } from './rows.js';

/** A row, and the hash of the line before it: a line that was changed breaks the chain after it. */
export type ChainedRow = TrialRow & { readonly previous_sha256: string };

/** What stands in the place of the line before the first. */
export const NO_LINE = hashOf('');

/** trials.jsonl, as far as it can be read. */
export interface TrialsFile {
  /** The whole lines, without their breaks, and their bytes with them. */
  readonly lines: readonly string[];
  readonly bytes: number;
  /**
   * What follows them: a row of which only a part was written, or a line that is not a row and whatever
   * comes after it. Undefined when the file ends with a whole line.
   */
  readonly torn?: Torn;
}

export interface Torn {
  /** Its number, from 1. */
  readonly line: number;
  readonly content: Buffer;
  readonly bytes: number;
}

export function trialsFileOf(folder: string): string {
  return join(folder, 'trials.jsonl');
}

/**
 * Reads trials.jsonl of the run in `folder`, which need not be there yet. Bytes are those of the file:
 * where it is damaged, its text has others.
 */
export function readTrialsFile(folder: string): TrialsFile {
  const file = trialsFileOf(folder);
  const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const lines: string[] = [];
  let bytes = 0;
  for (;;) {
    const end = content.indexOf('\n', bytes);
    if (end === -1) break;
    const line = content.toString('utf8', bytes, end);
    if (!isRow(line)) break;
    lines.push(line);
    bytes = end + 1;
  }
  if (bytes === content.length) return { lines, bytes };
  const rest = content.subarray(bytes);
  return { lines, bytes, torn: { line: lines.length + 1, content: rest, bytes: rest.length } };
}

/** The rows that the whole lines are. */
export function rowsOf(lines: readonly string[]): ChainedRow[] {
  return lines.map((line) => completeRow(JSON.parse(line) as ChainedRow));
}

/** The places at which the chain of lines is broken or ends in no whole one, each a sentence. */
export function findBrokenLines(folder: string): string[] {
  const { lines, torn } = readTrialsFile(folder);
  const changed = lines.flatMap((line, i) => {
    const { previous_sha256, trial } = JSON.parse(line) as ChainedRow;
    if (previous_sha256 === (i === 0 ? NO_LINE : hashOf(lines[i - 1] ?? ''))) return [];
    return [
      `trials.jsonl:${i}: was changed after it was written (line ${i + 1}, ${trial}, has another hash of it)`,
    ];
  });
  if (torn === undefined) return changed;
  return [...changed, `trials.jsonl:${torn.line}: ${describeTorn(torn)}`];
}

/** `a row of which only a part was written (37 bytes)`. */
export function describeTorn({ content, bytes }: Torn): string {
  return content.includes('\n')
    ? `a line that is not a row, with everything after it (${bytes} bytes)`
    : `an incomplete row (${bytes} bytes)`;
}

function isRow(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'trial' in value;
  } catch {
    return false;
  }
}
