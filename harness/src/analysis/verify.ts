import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure/measurement.js';
import { readSamples } from '../measure/samples.js';
import { describeDifference, differences } from '../run_folder/difference.js';
import { type FileRecord, hashFile, hashOfValue } from '../run_folder/hash.js';
import { completeExperiment } from '../run_folder/later_axes.js';
import type { Manifest } from '../run_folder/manifest.js';
import { resultsFrom, type TrialRow } from '../run_folder/rows.js';
import { findOrphans, readEnvironment, readManifest, readText } from '../run_folder/store.js';
import { findBrokenLines, readTrialsFile, rowsOf } from '../run_folder/trials_file.js';
import { analyse } from './analysis.js';
import { checkClaims, readClaims } from './claims.js';
import { type CellSummary, readLaunches, summaryCsv, summaryIn } from './summary.js';
import type { Warning } from './warnings.js';

/** Logarithms may differ in their last digits from one version of Node to another. */
const ROUNDING = 1e-9;

/** What a run was checked for. */
export interface Verification {
  /** Each a sentence that names the place; empty when the run is what it says. */
  readonly problems: readonly string[];
  readonly trials: number;
  readonly samples: number;
  readonly claims: number;
}

/**
 * Checks a run: the hash of every file, the chain of its trials, each figure of a trial and of the
 * summary against the raw samples, and its claims. `onTrial` is told of each trial as it is checked.
 */
export async function verify(
  path: string,
  onTrial: (done: number, of: number) => void,
): Promise<Verification> {
  const manifest = readManifest(path);
  const rows = rowsOf(readTrialsFile(path).lines);
  const problems = [
    ...checkExperiment(manifest),
    ...(await checkFiles(path, manifest.files)),
    ...findBrokenLines(path),
    ...checkPlan(manifest, rows),
    ...findOrphans(path, rows).map((name) => `${name}: this file belongs to no trial`),
  ];
  let samples = 0;
  for (const [i, row] of rows.entries()) {
    onTrial(i, rows.length);
    const found = await checkTrial(path, row, `trials.jsonl:${i + 1}`);
    problems.push(...found);
    samples += row.results?.samples ?? 0;
  }
  problems.push(...checkDerived(path, manifest, rows));
  const claims = readClaims(path);
  problems.push(...checkClaims(claims, readLaunches(path, rows)));
  return { problems, trials: rows.length, samples, claims: claims.length };
}

function checkExperiment({ experiment, experiment_sha256 }: Manifest): string[] {
  const now = hashOfValue(experiment);
  if (now === experiment_sha256) return [];
  return [
    `manifest.json: experiment: its hash is ${now}; expected ${experiment_sha256} (experiment_sha256)`,
  ];
}

async function checkFiles(path: string, files: readonly FileRecord[]): Promise<string[]> {
  const problems = await Promise.all(
    files.map(async ({ path: name, bytes, sha256 }) => {
      const file = join(path, name);
      if (!existsSync(file)) return [`${name}: missing`];
      const size = statSync(file).size;
      if (size !== bytes) return [`${name}: has ${size} bytes; expected ${bytes}`];
      const now = await hashFile(file);
      return now === sha256 ? [] : [`${name}: has changed: its hash is ${now}; expected ${sha256}`];
    }),
  );
  return problems.flat();
}

function checkPlan({ plan, status }: Manifest, rows: readonly TrialRow[]): string[] {
  const ended = rows.filter((row) => row.verdict !== 'interrupted').map((row) => row.trial);
  const twice = ended.filter((trial, i) => ended.indexOf(trial) !== i);
  const missing = plan.filter((trial) => !ended.includes(trial));
  return [
    ...twice.map((trial) => `trials.jsonl: ${trial} was measured twice`),
    ...(status === 'complete' ? missing : []).map(
      (trial) =>
        `trials.jsonl: ${trial} was planned but never ended, although the run is marked complete`,
    ),
  ];
}

/** The files of a trial, and its figures from its raw samples. */
async function checkTrial(path: string, row: TrialRow, place: string): Promise<string[]> {
  const problems = await checkFiles(path, row.files);
  const samples = row.files.find((file) => file.path.startsWith('samples/'));
  if (row.results === undefined || samples === undefined) return problems;
  const at = (text: string) => `${place}: ${row.trial}: ${text}`;
  try {
    const file = join(path, samples.path);
    const measurement = await measure(readSamples(file), {
      ...row.results,
      open: row.rate_per_s !== null,
    });
    const derived = JSON.parse(JSON.stringify(resultsFrom(measurement)));
    const stored = Object.fromEntries(
      Object.keys(derived).map((key) => [key, row.results?.[key as keyof typeof row.results]]),
    );
    problems.push(
      ...differences(stored, derived, ROUNDING).map((each) =>
        at(`results.${describeDifference(each)} according to its samples`),
      ),
    );
  } catch (error) {
    problems.push(at(`${samples.path} cannot be read: ${String(error)}`));
  }
  return problems;
}

/** What follows from the trials, derived once more. */
function checkDerived(path: string, manifest: Manifest, rows: readonly TrialRow[]): string[] {
  const experiment = completeExperiment(manifest.experiment);
  const { status, plan } = manifest;
  try {
    const environment = readEnvironment(path);
    const analysis = analyse({ path, status, plan, experiment, environment, rows });
    return [
      ...checkSummary(path, manifest, summaryIn(manifest, analysis.cells)),
      ...checkAgainst(path, 'warnings.json', analysis.warnings.map(withoutWords), withoutWords),
      ...checkAgainst(path, 'comparisons.json', analysis.comparisons),
    ];
  } catch (error) {
    return [`summary.json: cannot be derived: ${String(error)}`];
  }
}

function checkSummary(path: string, manifest: Manifest, cells: Partial<CellSummary>[]): string[] {
  if (!manifest.files.some((file) => file.path === 'summary.json')) return [];
  const stored = JSON.parse(readText(path, 'summary.json')) as CellSummary[];
  const csv = readText(path, 'summary.csv') === summaryCsv(manifest, stored);
  return [
    ...checkAgainst(path, 'summary.json', cells),
    ...(csv ? [] : ['summary.csv: does not match summary.json']),
  ];
}

/** A file of a list, which older runs do not have; `comparable` is what of its entries must be the same. */
function checkAgainst<T>(
  path: string,
  name: string,
  derived: readonly unknown[],
  comparable: (entry: T) => unknown = (entry) => entry,
): string[] {
  if (!existsSync(join(path, name))) return [];
  const stored = (JSON.parse(readText(path, name)) as T[]).map(comparable);
  return differences(stored, JSON.parse(JSON.stringify(derived)), ROUNDING).map(
    (each) => `${name}: ${describeDifference(each)} according to the trials`,
  );
}

/** Sentences may be put better in another version of this program. */
function withoutWords({ text: _, ...judged }: Warning): Omit<Warning, 'text'> {
  return judged;
}
