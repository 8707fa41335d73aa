import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Cell } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { DurationHistogram } from '../measure/histogram.js';
import { type Measurement, measure } from '../measure/measurement.js';
import { readSamples } from '../measure/samples.js';
import { type Judged, judge, type Validity, validityOf } from '../measure/validity.js';
import { describeDifference, differences } from '../run_folder/difference.js';
import { type FileRecord, hashFile } from '../run_folder/hash.js';
import { resultsFrom, type TrialResults, type TrialRow } from '../run_folder/rows.js';

/** Logarithms may differ in their last digits from one version of Node to another. */
export const ROUNDING = 1e-9;

/** What a trial is judged by, besides its own row and files. */
export interface Rules {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly limits: Experiment['validity'];
}

/** The files of a trial, and from its raw samples its figures, its histogram and whether it counts. */
export async function checkTrial(
  path: string,
  row: TrialRow,
  rules: Rules,
  place: string,
): Promise<string[]> {
  const at = (text: string) => `${place}: ${row.trial}: ${text}`;
  const problems = [...(await checkFiles(path, row.files)), ...checkVerdict(row).map(at)];
  const { results } = row;
  const samples = fileOf(row, 'samples');
  if (results === undefined || samples === undefined) return problems;
  try {
    const measurement = await measure(readSamples(join(path, samples)), {
      ...results,
      open: row.rate_per_s !== null,
      ...(row.injected_faults && { faults: row.injected_faults }),
    });
    problems.push(
      ...checkResults(results, measurement).map(at),
      ...checkHistogram(path, row, measurement).map(at),
      ...checkValidity(path, row, results, measurement, rules).map(at),
    );
  } catch (error) {
    problems.push(at(`${samples} cannot be read: ${String(error)}`));
  }
  return problems;
}

export async function checkFiles(path: string, files: readonly FileRecord[]): Promise<string[]> {
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

function fileOf({ files }: TrialRow, folder: string): string | undefined {
  return files.find(({ path }) => path.startsWith(`${folder}/`))?.path;
}

/** What a row says of itself, in several fields. */
function checkVerdict({ valid, verdict, invalid_because, results }: TrialRow): string[] {
  return [
    ...(valid === (verdict === 'valid') ? [] : [`valid is ${valid}, and verdict '${verdict}'`]),
    ...(valid === (invalid_because === '')
      ? []
      : [`valid is ${valid}, and invalid_because '${invalid_because}'`]),
    ...(valid && results === undefined ? ['counts without results'] : []),
  ];
}

function checkResults(results: TrialResults, measurement: Measurement): string[] {
  const derived = JSON.parse(JSON.stringify(resultsFrom(measurement)));
  const stored = Object.fromEntries(
    Object.keys(derived).map((key) => [key, results[key as keyof TrialResults]]),
  );
  return differences(stored, derived, ROUNDING).map(
    (each) => `results.${describeDifference(each)} according to its samples`,
  );
}

function checkHistogram(path: string, row: TrialRow, { responses }: Measurement): string[] {
  const name = fileOf(row, 'histograms');
  if (name === undefined || !existsSync(join(path, name))) return [];
  const stored = DurationHistogram.readLog(join(path, name)).counts();
  if (differences(stored, responses.counts(), ROUNDING).length === 0) return [];
  return [`${name} does not hold the response times of its samples`];
}

/**
 * Judges the trial again by the recorded limits. What ended a trial from outside the measurement (a
 * program that was lost) is in no row, so a trial may have failed though nothing here says so.
 */
function checkValidity(
  path: string,
  row: TrialRow,
  results: TrialResults,
  measurement: Measurement,
  { cells, limits }: Rules,
): string[] {
  const cell = cells.get(row.cell);
  if (cell === undefined) return [`cell '${row.cell}' is not one of the experiment`];
  const problems = judge(judgedFrom(path, row, results, measurement), cell, limits);
  const derived = validityOf(problems);
  const because = problems.map((problem) => problem.because).join('; ') || 'all is within limits';
  const order: Validity[] = ['valid', 'noisy', 'failed', 'interrupted'];
  const isGraver = order.indexOf(derived) > order.indexOf(row.verdict);
  // In a duet it may be for what was the matter with its partner.
  const isUnfounded = row.verdict === 'noisy' && derived === 'valid' && row.duet === undefined;
  if (!isGraver && !isUnfounded) return [];
  return [
    `verdict: '${row.verdict}' → '${derived}' according to its samples and shares: ${because}`,
  ];
}

/** What the harness judged the trial by, as far as that was kept. */
function judgedFrom(
  path: string,
  row: TrialRow,
  results: TrialResults,
  measurement: Measurement,
): Judged {
  const metrics = fileOf(row, 'metrics');
  return {
    // How long its longest stop was is only in the words of the verdict.
    load: { ...results, longest_stop_ms: results.stopped_ms },
    measurement,
    injected: row.injected_faults ?? [],
    machine: {
      busy: results.machine_busy_share,
      steal: results.machine_steal_share,
      other: results.machine_other_share,
      throttled: results.machine_throttled_share,
    },
    metrics:
      metrics === undefined ? null : gunzipSync(readFileSync(join(path, metrics))).toString(),
    ...(results.attached_pages !== null && { attachedPages: results.attached_pages }),
  };
}
