import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Experiment } from '../experiment/experiment.js';
import { type Cell, summaryCsv } from '../report/summary.js';
import type { Environment } from './environment.js';
import type { TrialRow } from './rows.js';

/** Counts up when a file of a run changes its meaning. results/README.md describes this version. */
export const SCHEMA_VERSION = 1;

/** `running` in a folder that nobody writes to any more says that the harness was killed. */
export type Status = 'running' | 'complete' | 'interrupted' | 'failed';

/** manifest.json: what was to be measured, and how far it came. */
export interface Manifest {
  readonly schema_version: number;
  readonly run_id: string;
  readonly status: Status;
  readonly command_line: readonly string[];
  readonly experiment: Experiment;
  /** The names of the trials in the planned order. */
  readonly order: readonly string[];
  readonly git: { readonly commit: string | null; readonly dirty: boolean | null };
  readonly started_at: string;
  readonly ended_at: string | null;
}

/**
 * `20250131T235959Z-1a2b3c`: the time of the start, and a few digits so that two runs never share a
 * name.
 */
export function makeRunId(start: Date, random: string): string {
  const time = start.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${time}-${random}`;
}

/**
 * The folder of one run. Whatever it was told is on the disk when a method returns, so that a
 * killed run leaves readable files.
 */
export class RunFolder {
  private constructor(
    readonly path: string,
    private manifest: Manifest,
  ) {}

  /** Makes `results/<run-id>/`. Throws when there is such a folder already. */
  static create(results: string, manifest: Manifest): RunFolder {
    const path = join(results, manifest.run_id);
    mkdirSync(results, { recursive: true });
    mkdirSync(path);
    for (const part of ['samples', 'logs', 'figures']) mkdirSync(join(path, part));
    const folder = new RunFolder(path, manifest);
    folder.write('manifest.json', toJson(manifest));
    return folder;
  }

  get runId(): string {
    return this.manifest.run_id;
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  writeEnvironment(environment: Environment): void {
    this.write('environment.json', toJson(environment));
  }

  appendTrial(row: TrialRow): void {
    const file = openSync(join(this.path, 'trials.jsonl'), 'a');
    writeSync(file, `${JSON.stringify(row)}\n`);
    fsyncSync(file);
    closeSync(file);
  }

  writeSummary(cells: readonly Cell[]): void {
    this.write('summary.json', toJson(cells));
    this.write('summary.csv', summaryCsv(cells));
  }

  finish(status: Status, endedAt: Date): void {
    this.manifest = { ...this.manifest, status, ended_at: endedAt.toISOString() };
    this.write('manifest.json', toJson(this.manifest));
  }

  /** Replaces a file as a whole: a reader finds the old one or the new one, never a part. */
  private write(name: string, text: string): void {
    const path = join(this.path, name);
    const file = openSync(`${path}.new`, 'w');
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

/**
 * The rows of a trials.jsonl. A last line that was cut short is left out. Throws when another line
 * is no JSON.
 */
export function readTrials(path: string): TrialRow[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line break is empty, or a row of which only a part was written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as TrialRow);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
