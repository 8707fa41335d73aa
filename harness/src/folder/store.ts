import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../errors.js';
import { type CellSummary, summaryCsv } from '../report/summary.js';
import type { Environment } from './environment.js';
import { hashOf, recordFile } from './hash.js';
import { holdLock } from './lock.js';
import {
  type Manifest,
  READABLE_VERSIONS,
  SCHEMA_VERSION,
  type Session,
  type Status,
} from './manifest.js';
import { completeRow } from './older.js';
import type { TrialRow } from './rows.js';

/** The sub-folders of a run. */
const PARTS = ['samples', 'histograms', 'metrics', 'logs', 'figures'];

/** A row, and the hash of the line before it: a line that was changed breaks the chain after it. */
export type ChainedRow = TrialRow & { readonly previous_sha256: string };

/** What stands in the place of the line before the first. */
const NO_LINE = hashOf('');

/**
 * `20250131T235959Z-1a2b3c`: the time of the start, and a few digits so that two runs never share a
 * name.
 */
export function makeRunId(start: Date, random: string): string {
  const time = start.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${time}-${random}`;
}

/**
 * The folder of one run, while a session works on it. Whatever it was told is on the disk when a
 * method returns, so that a killed run leaves readable files.
 */
export class RunFolder {
  private lastLineSha256: string;

  private constructor(
    readonly path: string,
    private manifest: Manifest,
    private readonly unlock: () => void,
  ) {
    this.lastLineSha256 = hashOf(lastLineOf(this.trialsFile));
  }

  /** Makes `results/<run-id>/`. Throws when there is such a folder already. */
  static create(results: string, manifest: Manifest): RunFolder {
    const path = join(results, manifest.run_id);
    mkdirSync(results, { recursive: true });
    mkdirSync(path);
    for (const part of PARTS) mkdirSync(join(path, part));
    const folder = new RunFolder(path, manifest, holdLock(path));
    folder.writeManifest({});
    return folder;
  }

  /**
   * Opens the folder of a run that ended early, for another session. A line of trials.jsonl that was
   * cut short, and a file of which only a part was written, are removed. Throws UsageError when the run is complete, when another session works on
   * it, or when it is no run of this version.
   */
  static reopen(path: string, session: Session): RunFolder {
    const manifest = readManifest(path);
    if (manifest.status === 'complete') {
      throw new UsageError(`${path}: the run is complete, there is nothing to resume`);
    }
    if (manifest.schema_version !== SCHEMA_VERSION) {
      throw new UsageError(
        `${path}: schema version ${manifest.schema_version} can be read, but this program goes on with version ${SCHEMA_VERSION} alone`,
      );
    }
    const unlock = holdLock(path);
    const trials = join(path, 'trials.jsonl');
    if (existsSync(trials)) removeCutLine(trials);
    removeHalves(path);
    const folder = new RunFolder(path, manifest, unlock);
    folder.writeManifest({ status: 'running', sessions: [...manifest.sessions, session] });
    return folder;
  }

  get runId(): string {
    return this.manifest.run_id;
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  private get trialsFile(): string {
    return join(this.path, 'trials.jsonl');
  }

  writeEnvironment(environment: Environment): void {
    this.write('environment.json', toJson(environment));
  }

  /** A small file of a trial, such as its histogram. */
  writeText(name: string, text: string): void {
    this.write(name, text);
  }

  /** The same, compressed. */
  writeCompressed(name: string, text: string): void {
    this.write(name, gzipSync(text));
  }

  appendTrial(row: TrialRow): void {
    const chained: ChainedRow = { ...row, previous_sha256: this.lastLineSha256 };
    const line = JSON.stringify(chained);
    const file = openSync(this.trialsFile, 'a');
    writeSync(file, `${line}\n`);
    fsyncSync(file);
    closeSync(file);
    this.lastLineSha256 = hashOf(line);
  }

  writeSummary(cells: readonly CellSummary[]): void {
    this.write('summary.json', toJson(cells));
    this.write('summary.csv', summaryCsv(cells));
  }

  /** Ends the session: nothing more is written. */
  async finish(status: Status, endedAt: Date): Promise<void> {
    const sessions = [...this.manifest.sessions];
    const last = sessions.pop();
    if (last !== undefined) sessions.push({ ...last, status, ended_at: endedAt.toISOString() });
    const names = ['environment.json', 'trials.jsonl', 'summary.json', 'summary.csv'];
    const there = names.filter((name) => existsSync(join(this.path, name)));
    const files = await Promise.all(there.map((name) => recordFile(join(this.path, name), name)));
    this.writeManifest({ status, sessions, files });
    this.unlock();
  }

  private writeManifest(change: Partial<Manifest>): void {
    this.manifest = { ...this.manifest, ...change };
    this.write('manifest.json', toJson(this.manifest));
  }

  /** Replaces a file as a whole: a reader finds the old one or the new one, never a part. */
  private write(name: string, content: string | Buffer): void {
    const path = join(this.path, name);
    const file = openSync(`${path}.new`, 'w');
    writeFileSync(file, content);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
    syncFolder(dirname(path));
  }
}

/** Makes the names in a folder as durable as their files. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Throws UsageError when `path` is no folder of a run of a version that can be read. */
export function readManifest(path: string): Manifest {
  const manifest = readJson<Manifest>(path, 'manifest.json');
  if (!READABLE_VERSIONS.includes(manifest.schema_version)) {
    throw new UsageError(
      `${path}: schema version ${manifest.schema_version}; this program reads versions ${READABLE_VERSIONS.join(' and ')}`,
    );
  }
  return manifest;
}

export function readEnvironment(path: string): Environment {
  return readJson<Environment>(path, 'environment.json');
}

/**
 * The rows of the run in `path`. A last line that was cut short is left out. Throws when another line
 * is no JSON.
 */
export function readTrials(path: string): ChainedRow[] {
  const file = join(path, 'trials.jsonl');
  return linesOf(file).map((line, i) => {
    try {
      return completeRow(JSON.parse(line) as ChainedRow);
    } catch {
      throw new Error(`${file}:${i + 1}: the line is no JSON`);
    }
  });
}

/** The places at which the chain of lines is broken, each a sentence. */
export function findBrokenLines(path: string): string[] {
  const file = join(path, 'trials.jsonl');
  const lines = linesOf(file);
  return lines.flatMap((line, i) => {
    const { previous_sha256, trial } = JSON.parse(line) as ChainedRow;
    if (previous_sha256 === (i === 0 ? NO_LINE : hashOf(lines[i - 1] ?? ''))) return [];
    return [
      `trials.jsonl:${i}: was changed after it was written (line ${i + 1}, ${trial}, knows it otherwise)`,
    ];
  });
}

/** Files of trials that no row knows: of one during which the harness was killed. */
export function findOrphans(path: string, rows: readonly TrialRow[]): string[] {
  const known = new Set(rows.flatMap((row) => row.files.map((file) => file.path)));
  const there = ['samples', 'histograms', 'metrics'].flatMap((part) =>
    readdirSync(join(path, part)).map((name) => `${part}/${name}`),
  );
  return there.filter((name) => !known.has(name)).sort();
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  // What follows the last line break is empty, or a row of which only a part was written.
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

function lastLineOf(file: string): string {
  return linesOf(file).at(-1) ?? '';
}

function removeCutLine(file: string): void {
  const whole = readFileSync(file);
  const descriptor = openSync(file, 'r+');
  ftruncateSync(descriptor, whole.lastIndexOf('\n') + 1);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** A file of the run in `path`. Throws UsageError when it is not there. */
export function readText(path: string, name: string): string {
  try {
    return readFileSync(join(path, name), 'utf8');
  } catch {
    throw new UsageError(`${path} is no folder of a run: there is no ${name} in it`);
  }
}

/** What was being written when the harness was killed: whole files never have this name. */
function removeHalves(path: string): void {
  for (const folder of [path, ...PARTS.map((part) => join(path, part))]) {
    const halves = readdirSync(folder).filter((name) => name.endsWith('.new'));
    for (const name of halves) rmSync(join(folder, name));
  }
}

function readJson<T>(path: string, name: string): T {
  try {
    return JSON.parse(readText(path, name)) as T;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${join(path, name)}: not JSON`);
    throw error;
  }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
