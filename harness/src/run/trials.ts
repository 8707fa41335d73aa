import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Analysis, analyse, filesOf } from '../analysis/analysis.js';
import { nextBeyondPlan } from '../analysis/stop_rule.js';
import { clockNotes, type Elapsed, elapsedBetween, readClocks } from '../base/clocks.js';
import { Interrupted } from '../base/errors.js';
import { planTrials, type Trial } from '../experiment/plan.js';
import type { ProgramMetrics } from '../launch/program_metrics.js';
import { loadAverage } from '../measure/machine.js';
import { type EndedTrial, runTrial, type TrialEvent } from '../measure/trial.js';
import { withoutZeros } from '../run_folder/archive.js';
import type { Environment } from '../run_folder/environment.js';
import { type FileRecord, recordFile } from '../run_folder/hash.js';
import type { Status } from '../run_folder/manifest.js';
import { fileOf, type Place, type TrialRow, toRow } from '../run_folder/rows.js';
import type { RunFolder } from '../run_folder/run_folder.js';
import { findOrphans } from '../run_folder/store.js';
import {
  judgeTogether,
  type MeasuredTime,
  MeetingPoint,
  type Part,
  partnerOf,
  partsOf,
} from './duet.js';
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
      const partner = partnerOf(trial, plan, experiment);
      if (partner !== undefined && isDone(partner, rows)) {
        rows.push(await keepWithoutPartner(trial, partner, rows, folder));
      } else {
        rows.push(...(await runAndKeep(trial, plan, rows, folder, context)));
      }
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
  return plan.find((trial) => !isDone(trial, rows));
}

function isDone({ id }: Trial, rows: readonly TrialRow[]): boolean {
  return rows.some((row) => row.trial === id && row.verdict !== 'interrupted');
}

/** Runs a trial, and with it the one that is its partner in a duet, and keeps what came of both. */
async function runAndKeep(
  trial: Trial,
  plan: readonly Trial[],
  rows: readonly TrialRow[],
  folder: RunFolder,
  context: RunContext,
): Promise<TrialRow[]> {
  const { observers, experiment } = context;
  const parts = partsOf(trial, plan, experiment);
  const places = parts.map((part, i) => ({
    ...placeOf(part.trial, rows),
    actualIndex: rows.length + i,
    ...(part.duet && { duet: part.duet }),
  }));
  for (const observer of observers) observer.begin(trial);
  const began = readClocks();
  const ended = await runTogether(parts, places, folder, context);
  const elapsed = elapsedBetween(began, readClocks());
  // Its cause may be a disk that is full, which is not the system's fault.
  if (ended.some(({ validity }) => validity === 'failed')) folder.checkWritable();
  const kept: TrialRow[] = [];
  for (const [i, each] of ended.entries()) {
    const [part, place] = [parts[i] as Part, places[i] as Place];
    const files = await keepFiles(folder, part.trial, place, each);
    kept.push(toRow(part.trial, place, { ...each, ...elapsed }, files));
  }
  folder.appendTrials(kept);
  for (const [i, row] of kept.entries()) {
    const ofCell = [...rows, ...kept.slice(0, i + 1)].filter((other) => other.cell === row.cell);
    // They are told of one trial at a time: of another when it has ended.
    if (i > 0) for (const observer of observers) observer.begin((parts[i] as Part).trial);
    for (const observer of observers) observer.end(ended[i] as EndedTrial, ofCell);
  }
  return kept;
}

/** Runs the parts at the same time; what the first of them tells, the observers are told. */
async function runTogether(
  parts: readonly Part[],
  places: readonly Place[],
  folder: RunFolder,
  { observers, ...rest }: RunContext,
): Promise<EndedTrial[]> {
  const meeting = new MeetingPoint(parts.length);
  const times: (MeasuredTime | undefined)[] = parts.map(() => undefined);
  const run = async ({ trial, duet }: Part, i: number): Promise<EndedTrial> => {
    const context = {
      ...rest,
      logs: folder.logs,
      relay: i === 0 ? rest.relay : rest.relay.another(),
      processors: duet?.processors ?? null,
      standing: () => meeting.arrive(i),
    };
    const tell = (event: TrialEvent) => {
      if (event.event === 'window-start') {
        times[i] = { opens: event.opens_monotonic_s, closes: event.closes_monotonic_s };
      }
      if (i === 0) for (const observer of observers) observer.update(event);
    };
    const plain = plainSamples(folder, trial, places[i] as Place);
    return runTrial(trial, context, plain, tell).finally(() => meeting.leave(i));
  };
  return judgeTogether(parts, await Promise.all(parts.map(run)), times);
}

/** Of a duet the other row was kept, and then the harness was killed. */
async function keepWithoutPartner(
  trial: Trial,
  partner: Trial,
  rows: readonly TrialRow[],
  folder: RunFolder,
): Promise<TrialRow> {
  const because = `the harness was killed before it was kept; its partner in the duet, ${partner.id}, was`;
  const ended = { ...killedTrial(), validity: 'failed' as const, invalidBecause: because };
  const row = toRow(trial, placeOf(trial, rows), ended, []);
  folder.appendTrials([row]);
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
      folder.writeCompressed(metrics, withoutZeros(measured.metrics));
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
    folder.appendTrials([row]);
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
