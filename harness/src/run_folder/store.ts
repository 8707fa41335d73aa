import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../base/errors.js';
import type { Environment } from './environment.js';
import { namesIn } from './files.js';
import { type Manifest, SCHEMA_VERSION } from './manifest.js';
import type { TrialRow } from './rows.js';
import {
  type ChainedRow,
  describeTorn,
  readTrialsFile,
  rowsOf,
  trialsFileOf,
} from './trials_file.js';

/** Throws UsageError when `path` is not the folder of a run of this schema version. */
export function readManifest(path: string): Manifest {
  const manifest = readJson<Manifest>(path, 'manifest.json');
  if (manifest.schema_version !== SCHEMA_VERSION) {
    throw new UsageError(
      `${path}: schema version ${manifest.schema_version}; this program reads only version ${SCHEMA_VERSION}`,
    );
  }
  return manifest;
}

export function readEnvironment(path: string): Environment {
  return readJson<Environment>(path, 'environment.json');
}

/**
 * The rows of the run in `path`. A last line that was cut short is left out. Throws when another line
 * is no row.
 */
export function readTrials(path: string): ChainedRow[] {
  const { lines, torn } = readTrialsFile(path);
  if (torn?.content.includes('\n')) {
    throw new Error(
      `${trialsFileOf(path)}:${torn.line}: ${describeTorn(torn)}; ./run-experiment resume keeps the rows before it and measures the others again`,
    );
  }
  return rowsOf(lines);
}

/** Files of trials that no row knows: of one during which the harness was killed. */
export function findOrphans(path: string, rows: readonly TrialRow[]): string[] {
  const known = new Set(rows.flatMap((row) => row.files.map((file) => file.path)));
  const there = ['samples', 'histograms', 'metrics'].flatMap((part) =>
    namesIn(join(path, part)).map((name) => `${part}/${name}`),
  );
  return there.filter((name) => !known.has(name)).sort();
}

/** A file of the run in `path`. Throws UsageError when it is not there. */
export function readText(path: string, name: string): string {
  try {
    return readFileSync(join(path, name), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `is not the folder of a run: it has no ${name}`
        : `cannot be read: ${messageOf(error)}`;
    throw new UsageError(`${path} ${reason}`);
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
