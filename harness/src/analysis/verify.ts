import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cellsOf } from '../experiment/cells.js';
import { PLANNER, planTrials } from '../experiment/plan.js';
import { describeDifference, differences } from '../run_folder/difference.js';
import { fingerprintOf } from '../run_folder/fingerprint.js';
import { hashOfValue } from '../run_folder/hash.js';
import { completeExperiment } from '../run_folder/later_axes.js';
import type { Manifest } from '../run_folder/manifest.js';
import type { TrialRow } from '../run_folder/rows.js';
import { findOrphans, readEnvironment, readManifest, readText } from '../run_folder/store.js';
import { findBrokenLines, readTrialsFile, rowsOf } from '../run_folder/trials_file.js';
import { analyse } from './analysis.js';
import { type Claim, checkClaims, readClaims } from './claims.js';
import { type CellSummary, readLaunches, summaryCsv, summaryIn } from './summary.js';
import { checkFiles, checkTrial, ROUNDING } from './verify_trial.js';
import type { Warning } from './warnings.js';

/** What a run was checked for. */
export interface Verification {
  /** Each a sentence that names the place; empty when the run is what it says. */
  readonly problems: readonly string[];
  readonly trials: number;
  readonly samples: number;
  readonly claims: number;
  /** What stands for the whole run (run_folder/fingerprint.ts). */
  readonly fingerprint: string;
}

/**
 * Checks a run: the hash of every file, the plan, the chain of its trials, each figure, verdict and
 * histogram of a trial and all that follows from them against the raw samples, and its claims.
 * `onTrial` is told of each trial as it is checked; `expected` is the fingerprint that it should have.
 */
export async function verify(
  path: string,
  onTrial: (done: number, of: number) => void,
  expected?: string,
): Promise<Verification> {
  const manifest = readManifest(path);
  const fingerprint = fingerprintOf(manifest);
  const experiment = completeExperiment(manifest.experiment);
  const cells = new Map(cellsOf(experiment).map((cell) => [cell.key, cell]));
  const rules = { cells, limits: experiment.validity };
  const rows = rowsOf(readTrialsFile(path).lines);
  const problems = [
    ...checkFingerprint(fingerprint, expected),
    ...checkExperiment(manifest),
    ...checkListed(manifest),
    ...(await checkFiles(path, manifest.files)),
    ...findBrokenLines(path),
    ...checkPlan(manifest),
    ...checkPlanned(manifest, rows),
    ...findOrphans(path, rows).map((name) => `${name}: this file belongs to no trial`),
  ];
  let samples = 0;
  for (const [i, row] of rows.entries()) {
    onTrial(i, rows.length);
    const found = await checkTrial(path, row, rules, `trials.jsonl:${i + 1}`);
    problems.push(...found);
    samples += row.results?.samples ?? 0;
  }
  problems.push(...checkDerived(path, manifest, rows));
  const claims = readClaims(path);
  problems.push(...checkValues(path, claims, rows), ...checkClaimed(path, claims));
  return { problems, trials: rows.length, samples, claims: claims.length, fingerprint };
}

function checkFingerprint(found: string, expected: string | undefined): string[] {
  if (expected === undefined || found === expected) return [];
  return [
    `manifest.json: the fingerprint is ${found}; expected ${expected}: this is another run, or one that was changed and hashed again`,
  ];
}

/** A file that the manifest leaves out could be changed unseen. */
function checkListed({ status, files }: Manifest): string[] {
  if (status !== 'complete') return [];
  const listed = files.map(({ path }) => path);
  return ['environment.json', 'trials.jsonl', 'summary.json', 'summary.csv']
    .filter((name) => !listed.includes(name))
    .map((name) => `manifest.json: files: ${name} is missing, so nothing holds it`);
}

/** Where launches cannot be read, that alone is said, since nothing else is known of the claims. */
function checkValues(path: string, claims: readonly Claim[], rows: readonly TrialRow[]): string[] {
  if (claims.length === 0) return [];
  try {
    return checkClaims(claims, readLaunches(path, rows));
  } catch (error) {
    return [`claims.yaml: cannot be checked: ${String(error)}`];
  }
}

/** A reference run is there for the numbers that are published of it. */
function checkClaimed(path: string, claims: readonly Claim[]): string[] {
  const isReference = basename(dirname(path)) === 'reference';
  if (!isReference || claims.length > 0) return [];
  return ['claims.yaml: no claims; a reference run states the numbers that are published of it'];
}

function checkExperiment({ experiment, experiment_sha256 }: Manifest): string[] {
  const now = hashOfValue(experiment);
  if (now === experiment_sha256) return [];
  return [
    `manifest.json: experiment: its hash is ${now}; expected ${experiment_sha256} (experiment_sha256)`,
  ];
}

/**
 * The plan follows from the experiment and its seed. Of a run that another planner ordered, only the
 * trials of each block do.
 */
function checkPlan({ experiment, plan, planner }: Manifest): string[] {
  const derived = planTrials(completeExperiment(experiment)).map(({ id }) => id);
  const [stored, expected] =
    planner === PLANNER ? [plan, derived] : [inBlocks(plan), inBlocks(derived)];
  return differences(stored, expected).map(
    (each) =>
      `manifest.json: plan.${describeDifference(each)} according to its experiment and seed`,
  );
}

/** Without their places in the plan, sorted within their blocks. */
function inBlocks(plan: readonly string[]): string[] {
  const blockOf = (name: string) => Number(/-l(\d+)$/.exec(name)?.[1]);
  return plan
    .map((name) => name.replace(/^\d+-/, ''))
    .sort((a, b) => blockOf(a) - blockOf(b) || (a < b ? -1 : 1));
}

function checkPlanned({ plan, status }: Manifest, rows: readonly TrialRow[]): string[] {
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
      ...checkAgainst(path, 'contrasts.json', analysis.contrasts),
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
