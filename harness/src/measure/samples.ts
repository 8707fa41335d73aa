import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * The phases of a request, in the order of its life. In the samples file each is a column
 * `<phase>_ms`.
 */
export const PHASES = [
  'submit',
  'queue',
  'transport',
  'decode',
  'compute',
  'encode',
  'collect',
] as const;
export type Phase = (typeof PHASES)[number];

/** One request that the load generator made. */
export interface Sample {
  /** `warm-up`, `measured` or `tail`: where in the trial the request ended. */
  readonly stage: string;
  /** `ok`, `wrong` or `error`. */
  readonly outcome: string;
  /** What went wrong; empty when nothing did. */
  readonly error: string;
  readonly responseMs: number;
  /** What the phases do not account for. */
  readonly closureMs: number;
  readonly phasesMs: Readonly<Record<Phase, number>>;
}

/**
 * The samples of a CSV file (RFC 4180), one after the other. A last row that was cut short, because
 * its writer was killed, is left out. Throws an Error that names the file and the column or the row
 * when something else is missing.
 */
export async function* readSamples(path: string): AsyncGenerator<Sample> {
  let header: string[] | undefined;
  let short: { row: number; columns: number } | undefined;
  let row = 0;
  for await (const fields of readRows(path)) {
    if (short !== undefined && header !== undefined) {
      throw new Error(
        `${path}: row ${short.row} has ${short.columns} columns; expected ${header.length}`,
      );
    }
    row++;
    if (header === undefined) {
      header = checkHeader(fields, path);
    } else if (fields.length < header.length) {
      short = { row, columns: fields.length };
    } else {
      yield toSample(new Map(header.map((name, i) => [name, fields[i] ?? ''])));
    }
  }
}

async function* readRows(path: string): AsyncGenerator<string[]> {
  let pending = '';
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    pending += pending === '' ? line : `\n${line}`;
    // A line break inside quotes belongs to the field.
    if (pending.includes('"') && (pending.split('"').length - 1) % 2 === 1) continue;
    yield splitRow(pending);
    pending = '';
  }
}

function splitRow(row: string): string[] {
  if (!row.includes('"')) return row.split(',');
  const fields = row.match(/("(?:[^"]|"")*"?|[^,]*)(?:,|$)/g) ?? [];
  const last = row.endsWith(',') ? fields.length : fields.length - 1;
  return fields.slice(0, last).map((field) => {
    const text = field.replace(/,$/, '');
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}

function checkHeader(header: string[], path: string): string[] {
  const needed = [
    'stage',
    'outcome',
    'error',
    'response_ms',
    'closure_ms',
    ...PHASES.map((p) => `${p}_ms`),
  ];
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new Error(`${path}: no column ${missing.join(', ')}`);
  return header;
}

function toSample(row: Map<string, string>): Sample {
  const milliseconds = (name: string) => Number(row.get(`${name}_ms`));
  return {
    stage: row.get('stage') ?? '',
    outcome: row.get('outcome') ?? '',
    error: row.get('error') ?? '',
    responseMs: milliseconds('response'),
    closureMs: milliseconds('closure'),
    phasesMs: Object.fromEntries(PHASES.map((phase) => [phase, milliseconds(phase)])) as Record<
      Phase,
      number
    >,
  };
}
