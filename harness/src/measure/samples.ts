import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * The phases of a request, in the order of its life. The first two are of an open load: how late the
 * load generator set off though a client was free, and waiting for one that could submit it. In the
 * samples file each phase is a column `<phase>_ms`, where that of the backlog holds both of them.
 */
export const PHASES = [
  'lateness',
  'backlog',
  'submit',
  'queue',
  'dispatch',
  'decode',
  'compute',
  'encode',
  'return',
  'collect',
] as const;

export type Phase = (typeof PHASES)[number];

/** One request that the load generator made. */
export interface Sample {
  /** `warm-up`, `measured` or `tail`: where in the trial the request ended. */
  readonly stage: string;
  /** `ok`, `wrong`, `error`, or `unfinished`: it had not ended when an open load gave it up. */
  readonly outcome: string;
  /** What went wrong; empty when nothing did. */
  readonly error: string;
  /** Who computed it. */
  readonly worker: string;
  /** When it was submitted, in an open load when it was to arrive, since the load began. */
  readonly startMs: number;
  readonly responseMs: number;
  /** How late the load generator set off, of an open load. */
  readonly latenessMs: number;
  /** By how much the phases that end on another process's clock may be longer or shorter. */
  readonly clockErrorMs: number;
  /** The response time less the sum of its phases; negative where two of them overlap. */
  readonly unaccountedMs: number;
  /** One for each of PHASES, in that order. */
  readonly phasesMs: readonly number[];
}

/**
 * The samples of a CSV file (RFC 4180), be it compressed (.gz), one after the other. A last row that
 * was cut short, because its writer was killed, is left out. Throws an Error that names the file and
 * the column or the row when something else is missing.
 */
export async function* readSamples(path: string): AsyncGenerator<Sample> {
  let toSample: ((fields: readonly string[]) => Sample) | undefined;
  let columns = 0;
  let short: { row: number; columns: number } | undefined;
  let row = 0;
  for await (const fields of readRows(open(path))) {
    if (short !== undefined) {
      throw new Error(
        `${path}: row ${short.row} has ${short.columns} columns; expected ${columns}`,
      );
    }
    row++;
    if (toSample === undefined) {
      toSample = sampleReader(fields, path);
      columns = fields.length;
    } else if (fields.length < columns) {
      short = { row, columns: fields.length };
    } else {
      yield toSample(fields);
    }
  }
}

function open(path: string): Readable {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file;
  const unzipped = createGunzip();
  file.on('error', (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
}

async function* readRows(input: Readable): AsyncGenerator<string[]> {
  let pending = '';
  for await (const line of readLines(input)) {
    pending += pending === '' ? line : `\n${line}`;
    // A line break inside quotes belongs to the field.
    if (pending.includes('"') && (pending.split('"').length - 1) % 2 === 1) continue;
    yield splitRow(pending);
    pending = '';
  }
}

async function* readLines(input: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
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

/** Reads rows under this header. Throws when a column is missing. */
function sampleReader(header: readonly string[], path: string) {
  const missing: string[] = [];
  const column = (name: string) => {
    const index = header.indexOf(name);
    if (index < 0) missing.push(name);
    return index;
  };
  const [stage, outcome, error, worker] = ['stage', 'outcome', 'error', 'worker'].map(column);
  const [start, response, clockError] = ['start_ms', 'response_ms', 'clock_error_ms'].map(column);
  const phaseColumns = PHASES.map((phase) => column(`${phase}_ms`));
  if (missing.length > 0) throw new Error(`${path}: no column ${missing.join(', ')}`);
  return (fields: readonly string[]): Sample => {
    const text = (index = -1) => fields[index] ?? '';
    const responseMs = Number(text(response));
    const [latenessMs = 0, untilSubmitMs = 0, ...rest] = phaseColumns.map((index) =>
      Number(text(index)),
    );
    const phasesMs = [latenessMs, untilSubmitMs - latenessMs, ...rest];
    return {
      stage: text(stage),
      outcome: text(outcome),
      error: text(error),
      worker: text(worker),
      startMs: Number(text(start)),
      responseMs,
      latenessMs,
      clockErrorMs: Number(text(clockError)),
      unaccountedMs: phasesMs.reduce((rest, ms) => rest - ms, responseMs),
      phasesMs,
    };
  };
}
