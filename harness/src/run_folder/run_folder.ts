import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import { compressInto } from './archive.js';
import type { Environment } from './environment.js';
import { appendWhole, cutAt, namesIn, tryToWrite, WriteError, writeWhole } from './files.js';
import { type FileRecord, hashOf, recordFile } from './hash.js';
import { holdLock } from './lock.js';
import type { Manifest, Session, Status } from './manifest.js';
import type { TrialRow } from './rows.js';
import { readManifest } from './store.js';
import {
  type ChainedRow,
  describeTorn,
  readTrialsFile,
  rowsOf,
  type Torn,
  trialsFileOf,
} from './trials_file.js';

/** The sub-folders of a run. */
const PARTS = ['samples', 'histograms', 'metrics', 'logs', 'figures'];
/** The files that follow from the others. */
const DERIVED = [
  'summary.json',
  'summary.csv',
  'warnings.json',
  'comparisons.json',
  'contrasts.json',
] as const;
export type DerivedFiles = Readonly<Record<(typeof DERIVED)[number], string>>;
/** As much as a trial's files need at least. */
const PROBE_BYTES = 65_536;

/**
 * `20250131T235959Z-1a2b3c`: the time of the start, and a few digits so that two runs never share a
 * name.
 */
export function makeRunId(start: Date, random: string): string {
  const time = start.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${time}-${random}`;
}

/**
 * The folder of one run, while this process alone works on it. Whatever it was told is on the disk
 * when a method returns, so that a killed run leaves readable files; what cannot be written is an
 * Error with the path and how to go on.
 */
export class RunFolder {
  /** Of the rows when the folder was opened. */
  readonly earlier: readonly TrialRow[];
  private lastLineSha256: string;
  private trialsBytes: number;
  private readonly torn: Torn | undefined;

  private constructor(
    readonly path: string,
    private current: Manifest,
    private unlock: (() => void) | undefined,
  ) {
    const { lines, bytes, torn } = readTrialsFile(path);
    this.earlier = rowsOf(lines);
    this.lastLineSha256 = hashOf(lines.at(-1) ?? '');
    this.trialsBytes = bytes;
    this.torn = torn;
  }

  /**
   * Makes `results/<run-id>/`. Throws when there is such a folder already, or none can be made. The
   * manifest comes last: what has one can be resumed.
   */
  static create(results: string, manifest: Manifest, environment: Environment): RunFolder {
    const path = join(results, manifest.run_id);
    try {
      mkdirSync(results, { recursive: true });
      mkdirSync(path);
      makeParts(path);
      const folder = new RunFolder(path, manifest, holdLock(path));
      writeWhole(join(path, 'environment.json'), toJson(environment));
      writeWhole(join(path, 'manifest.json'), toJson(manifest));
      return folder;
    } catch (error) {
      const failed = error instanceof WriteError ? error : new WriteError(path, error);
      throw new Error(`${failed.message}; ${failed.cure}, or give --out another folder`);
    }
  }

  /**
   * Opens the folder of a run that ended early, and changes nothing yet. Locked before anything of it
   * is read, so that what was read stays true. Throws UsageError when the run is complete, when
   * another process works on it, or when it is no run of this version.
   */
  static open(path: string): RunFolder {
    readResumable(path);
    const unlock = holdLock(path);
    try {
      return new RunFolder(path, readResumable(path), unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * Begins another session. A row that was cut short, with what follows it, and files of which only a
   * part was written are removed; returns a sentence about what was.
   */
  begin(session: Session): string[] {
    this.keep(() => {
      removeParts(this.path);
      makeParts(this.path);
    });
    const notes = this.torn === undefined ? [] : [this.dropTorn(this.torn, session)];
    const noted = notes.length > 0 ? { ...session, notes } : session;
    this.writeManifest({ status: 'running', sessions: [...this.current.sessions, noted] });
    return notes;
  }

  get runId(): string {
    return this.current.run_id;
  }

  get manifest(): Manifest {
    return this.current;
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  /** A small file of a trial, such as its histogram. */
  writeText(name: string, text: string): void {
    this.write(name, text);
  }

  /** The same, compressed. */
  writeCompressed(name: string, text: string): void {
    this.write(name, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
  }

  /** Compresses the file `plain` into the file `name`, and removes it; undefined when it is not there. */
  async compress(plain: string, name: string): Promise<FileRecord | undefined> {
    try {
      return await compressInto(plain, join(this.path, name), name);
    } catch (error) {
      throw this.explained(error);
    }
  }

  appendTrials(rows: readonly TrialRow[]): void {
    let previous = this.lastLineSha256;
    const lines = rows.map((row) => {
      const chained: ChainedRow = { ...row, previous_sha256: previous };
      const line = JSON.stringify(chained);
      previous = hashOf(line);
      return `${line}\n`;
    });
    this.trialsBytes = this.keep(() => appendWhole(trialsFileOf(this.path), lines.join('')));
    this.lastLineSha256 = previous;
  }

  /** Throws when the files of a trial could not be written now, as when the disk is full. */
  checkWritable(): void {
    this.keep(() => tryToWrite(join(this.path, 'samples'), PROBE_BYTES));
  }

  /** What follows from the trials, as they are now. */
  writeDerived(files: DerivedFiles): void {
    for (const name of DERIVED) this.write(name, files[name]);
  }

  /**
   * Ends the session: nothing more is written. Throws when not every row that was
   * appended is in the file.
   */
  async finish(status: Status, ending: Pick<Session, 'ended_at' | 'notes'>): Promise<void> {
    this.checkRows();
    const sessions = [...this.current.sessions];
    const last = sessions.pop();
    if (last !== undefined) {
      const notes = [...(last.notes ?? []), ...(ending.notes ?? [])];
      const told = notes.length > 0 ? { notes } : {};
      sessions.push({ ...last, status, ended_at: ending.ended_at, ...told });
    }
    const names = ['environment.json', 'trials.jsonl', ...DERIVED];
    const there = names.filter((name) => existsSync(join(this.path, name)));
    const files = await Promise.all(there.map((name) => recordFile(join(this.path, name), name)));
    this.writeManifest({ status, sessions, files });
    this.close();
  }

  /** Lets go of the run, as its session stands. */
  close(): void {
    this.unlock?.();
    this.unlock = undefined;
  }

  private checkRows(): void {
    const { bytes, torn } = readTrialsFile(this.path);
    if (bytes === this.trialsBytes && torn === undefined) return;
    throw new Error(
      `${trialsFileOf(this.path)}: has ${bytes + (torn?.bytes ?? 0)} bytes; expected ${this.trialsBytes}: something else wrote to it, or the disk lost data; ${this.howToGoOn()}`,
    );
  }

  /** Its bytes are kept among the logs: it may be all that is left of rows that were whole. */
  private dropTorn(torn: Torn, { started_at }: Session): string {
    const log = `logs/dropped-${started_at.replaceAll(/[-:]|\.\d+/g, '')}.jsonl`;
    this.write(log, torn.content);
    this.keep(() => cutAt(trialsFileOf(this.path), this.trialsBytes));
    return `trials.jsonl:${torn.line}: ${describeTorn(torn)} was dropped (see ${log}) and is measured again`;
  }

  private writeManifest(change: Partial<Manifest>): void {
    const manifest = { ...this.current, ...change };
    this.write('manifest.json', toJson(manifest));
    this.current = manifest;
  }

  private write(name: string, content: string | Buffer): void {
    this.keep(() => writeWhole(join(this.path, name), content));
  }

  private keep<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw this.explained(error);
    }
  }

  private explained(error: unknown): unknown {
    if (!(error instanceof WriteError)) return error;
    return new Error(`${error.message}; ${error.cure}, then: ${this.howToGoOn()}`, {
      cause: error,
    });
  }

  private howToGoOn(): string {
    return runExperiment('resume', this.path);
  }
}

function readResumable(path: string): Manifest {
  const manifest = readManifest(path);
  if (manifest.status === 'complete') {
    throw new UsageError(`${path}: the run is complete; there is nothing to resume`);
  }
  return manifest;
}

/** A copy of a run may lack those that are empty. */
function makeParts(path: string): void {
  for (const part of PARTS) mkdirSync(join(path, part), { recursive: true });
}

/** What was being written when the harness was killed: whole files never have this name. */
function removeParts(path: string): void {
  for (const folder of [path, ...PARTS.map((part) => join(path, part))]) {
    const parts = namesIn(folder).filter((name) => name.endsWith('.new'));
    for (const name of parts) rmSync(join(folder, name));
  }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
