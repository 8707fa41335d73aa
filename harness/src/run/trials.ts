import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Analysis, analyse, filesOf } from '../analysis/analysis.js';
import { nextBeyondPlan } from '../analysis/stop_rule.js';
import { clockNotes, type Elapsed, elapsedBetween, readClocks } from '../base/clocks.js';
import { Interrupted } from '../base/errors.js';
import { planTrials, type Trial } from '../experiment/plan.js';
import type { ProgramMetrics } from '../launch/program_metrics.js';
import { loadAverage } from '../measure/machine.js';
import { type EndedTrial, runTrial } from '../measure/trial.js';
import type { Environment } from '../run_folder/environment.js';
import { type FileRecord, recordFile } from '../run_folder/hash.js';
import type { Status } from '../run_folder/manifest.js';
import { fileOf, type Place, type TrialRow, toRow } from '../run_folder/rows.js';
import type { RunFolder } from '../run_folder/run_folder.js';
import { findOrphans } from '../run_folder/store.js';
import type { Surroundings } from './look_around.js';
import type { RunObserver } from './observer.js';

/** What a run works with. */
export interface RunContext extends Surroundings {
  /** In the order in which they are told. */
  readonly observers: readonly RunObserver[];
  /** Knows the metrics of the programs of the current trial. */
  readonly relay: ProgramMetrics;
}

/** A run that came to an end, be it early. */
export interface Run {
  readonly folder: RunFolder;
  readonly status: Status;
  readonly environment: Environment;
  readonly rows: readonly TrialRow[];
  readonly analysis: Analysis;
}

/**
 * Runs what is left of the plan after the trials of `earlier` sessions, and whatever the stop rule
 * asks for beyond it, and keeps what each trial measured. An interruption or an error that nobody
 * expected ends it early, with what was measured until then.
 */
export async function runTrials(
  folder: RunFolder,
  environment: Environment,
  earlier: readonly TrialRow[],
  context: RunContext,
): Promise<Run> {
  const { experiment, signal } = context;
  const plan = planTrials(experiment);
  const rows = [...earlier];
  const began = readClocks();
  const ending = () => {
    const elapsed = elapsedBetween(began, readClocks());
    return { ended_at: elapsed.endedAt.toISOString(), notes: clockNotes(elapsed) };
  };
  try {
    const beyond = nextBeyondPlan(experiment, rows, 0);
    const interrupted = beyond === undefined ? plan : [...plan, beyond];
    rows.push(...(await keepOrphans(folder, interrupted, rows)));
    const spentBefore = secondsOf(earlier);
    const begin = performance.now();
    for (;;) {
      if (signal.aborted) break;
      const elapsedS = (performance.now() - begin) / 1000;
      const trial =
        nextPlanned(plan, rows) ?? nextBeyondPlan(experiment, rows, spentBefore + elapsedS);
      if (trial === undefined) break;
      rows.push(await runAndKeep(trial, rows, folder, context));
    }
    const status = statusOf(signal);
    const { path, manifest } = folder;
    const { plan: planned } = manifest;
    const analysis = analyse({ path, status, plan: planned, experiment, environment, rows });
    folder.writeDerived(filesOf(manifest, analysis));
    await folder.finish(status, ending());
    return { folder, status, environment, rows, analysis };
  } catch (error) {
    // Where that cannot be written either, the run stands as one that was killed.
    await folder.finish('failed', ending()).catch(() => folder.close());
    throw error;
  }
}

/** What the trials of earlier sessions took. */
function secondsOf(rows: readonly TrialRow[]): number {
  return rows.reduce((sum, { took_s }) => sum + took_s, 0);
}

/** The first trial of the plan that has not come to an end of its own. */
function nextPlanned(plan: readonly Trial[], rows: readonly TrialRow[]): Trial | undefined {
  const done = new Set(rows.filter((row) => row.verdict !== 'interrupted').map((row) => row.trial));
  return plan.find((trial) => !done.has(trial.id));
}

async function runAndKeep(
  trial: Trial,
  rows: readonly TrialRow[],
  folder: RunFolder,
  { observers, ...rest }: RunContext,
): Promise<TrialRow> {
  const context = { ...rest, logs: folder.logs };
  const place = placeOf(trial, rows);
  for (const observer of observers) observer.begin(trial);
  const plain = plainSamples(folder, trial, place);
  const began = readClocks();
  const ended = await runTrial(trial, context, plain, (event) => {
    for (const observer of observers) observer.update(event);
  });
  const elapsed = elapsedBetween(began, readClocks());
  // Its cause may be a disk that is full, which is not the system's fault.
  if (ended.validity === 'failed') folder.checkWritable();
  const files = await keepFiles(folder, trial, place, ended);
  const row = toRow(trial, place, { ...ended, ...elapsed }, files);
  folder.appendTrial(row);
  const ofCell = [...rows, row].filter((other) => other.cell === row.cell);
  for (const observer of observers) observer.end(ended, ofCell);
  return row;
}

function placeOf(trial: Trial, rows: readonly TrialRow[]): Place {
  const attempts = rows.filter((row) => row.trial === trial.id).length;
  return { actualIndex: rows.length, attempt: attempts + 1 };
}

/** Where the load generator writes, before it is compressed. */
function plainSamples(folder: RunFolder, trial: Trial, { attempt }: Place): string {
  return join(folder.path, fileOf(trial, attempt, 'samples').replace(/\.gz$/, ''));
}

const KEPT = ['samples', 'histogram', 'metrics'] as const;

async function keepFiles(
  folder: RunFolder,
  trial: Trial,
  place: Place,
  { measured }: Pick<EndedTrial, 'measured'>,
): Promise<FileRecord[]> {
  const name = fileOf(trial, place.attempt, 'samples');
  const samples = await folder.compress(plainSamples(folder, trial, place), name);
  const files = samples === undefined ? [] : [samples];
  if (measured !== undefined) {
    const histogram = fileOf(trial, place.attempt, 'histogram');
    const { responses } = measured.measurement;
    folder.writeText(histogram, responses.toLog('response', measured.load.measured_s));
    const written = [histogram];
    if (measured.metrics !== null) {
      const metrics = fileOf(trial, place.attempt, 'metrics');
      folder.writeCompressed(metrics, measured.metrics);
      written.push(metrics);
    }
    for (const name of written) files.push(await recordFile(join(folder.path, name), name));
  }
  return files;
}

/**
 * What is left of a trial during which the harness was killed becomes an interrupted one, so that
 * nothing that was measured is lost, and the trial is run again.
 */
async function keepOrphans(
  folder: RunFolder,
  plan: readonly Trial[],
  rows: readonly TrialRow[],
): Promise<TrialRow[]> {
  const orphans = findOrphans(folder.path, rows);
  const kept: TrialRow[] = [];
  for (const trial of plan) {
    const place = placeOf(trial, rows);
    const own = KEPT.map((kind) => fileOf(trial, place.attempt, kind));
    const plain = plainSamples(folder, trial, place);
    const left = own.filter((name) => orphans.includes(name));
    if (left.length === 0 && !existsSync(plain)) continue;
    await folder.compress(plain, own[0] ?? '');
    const there = own.filter((name) => existsSync(join(folder.path, name)));
    const files = await Promise.all(there.map((name) => recordFile(join(folder.path, name), name)));
    const row = toRow(
      trial,
      { ...place, actualIndex: rows.length + kept.length },
      killedTrial(),
      files,
    );
    folder.appendTrial(row);
    kept.push(row);
  }
  return kept;
}

/** A trial of which nobody saw the end. */
function killedTrial(): EndedTrial & Elapsed {
  const now = readClocks();
  return {
    ...elapsedBetween(now, now),
    validity: 'interrupted',
    invalidBecause: 'the harness was killed while it ran',
    loadAverageBefore: loadAverage(),
    endings: {},
  };
}

function statusOf(signal: AbortSignal): Status {
  if (!signal.aborted) return 'complete';
  return signal.reason instanceof Interrupted ? 'interrupted' : 'failed';
}
