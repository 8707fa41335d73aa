import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Interrupted } from './errors.js';
import type { Experiment } from './experiment/experiment.js';
import type { Trial } from './experiment/plan.js';
import {
  type BrowserFacts,
  describeEnvironment,
  describeGit,
  type Environment,
} from './folder/environment.js';
import { samplesFileOf, type TrialRow, toRow } from './folder/rows.js';
import { makeRunId, RunFolder, SCHEMA_VERSION, type Status } from './folder/store.js';
import { HeadlessBrowser } from './launch/browser.js';
import type { Programs } from './launch/processes.js';
import { runTrial } from './measure/trial.js';
import type { RunWatch } from './metrics/service.js';
import type { Paths } from './paths.js';
import type { Progress } from './report/progress.js';
import { type Cell, summarise } from './report/summary.js';
import { Teardown } from './teardown.js';

/** What a run works with. */
export interface RunContext {
  readonly experiment: Experiment;
  readonly paths: Paths;
  readonly commandLine: readonly string[];
  readonly programs: Programs;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Who shows the run to Prometheus; absent when nobody watches. */
  readonly watch?: RunWatch;
}

/** A run that came to an end, be it early. */
export interface Run {
  readonly folder: RunFolder;
  readonly status: Status;
  readonly environment: Environment;
  readonly rows: readonly TrialRow[];
  readonly cells: readonly Cell[];
}

/**
 * Runs every trial of the experiment in turn and keeps what each measured. An interruption or an
 * error that nobody expected ends it early, with what was measured until then.
 */
export async function runExperiment(trials: readonly Trial[], context: RunContext): Promise<Run> {
  const { experiment, paths, signal } = context;
  const browser = await askBrowser(context);
  const environment = await describeEnvironment(paths, browser);
  const folder = await createFolder(trials, context);
  folder.writeEnvironment(environment);

  const rows: TrialRow[] = [];
  try {
    for (const trial of trials) {
      if (signal.aborted) break;
      rows.push(await runAndKeep(trial, rows.length, folder, context));
    }
    const names = experiment.systems.map((system) => system.name);
    const cells = summarise(rows, names, environment.cores);
    folder.writeSummary(cells);
    const status = statusOf(signal);
    folder.finish(status, new Date());
    return { folder, status, environment, rows, cells };
  } catch (error) {
    folder.finish('failed', new Date());
    throw error;
  }
}

async function runAndKeep(
  trial: Trial,
  actualIndex: number,
  folder: RunFolder,
  { progress, watch, ...context }: RunContext,
): Promise<TrialRow> {
  const workshop = { ...context, logs: folder.logs, ...(watch && { relay: watch.relay }) };
  progress.begin(trial);
  watch?.run.begin(trial);
  const samples = join(folder.path, samplesFileOf(trial));
  const outcome = await runTrial(trial, workshop, samples, (event) => {
    progress.update(event);
    watch?.run.update(event);
  });
  watch?.run.end(outcome);
  const row = toRow(trial, actualIndex, outcome);
  folder.appendTrial(row);
  progress.end(outcome);
  return row;
}

async function createFolder(trials: readonly Trial[], context: RunContext): Promise<RunFolder> {
  const { experiment, paths, commandLine } = context;
  const start = new Date();
  return RunFolder.create(paths.results, {
    schema_version: SCHEMA_VERSION,
    run_id: makeRunId(start, randomBytes(3).toString('hex')),
    status: 'running',
    command_line: commandLine,
    experiment,
    order: trials.map((trial) => trial.id),
    git: await describeGit(paths.root),
    started_at: start.toISOString(),
    ended_at: null,
  });
}

/**
 * Starts the browser once before anything is measured: it says what it is, and a browser that does
 * not start is found out at once.
 */
async function askBrowser(context: RunContext): Promise<BrowserFacts | null> {
  const { experiment, paths, programs, signal } = context;
  if (!experiment.systems.some((system) => system.engine === 'browser')) return null;
  const teardown = new Teardown();
  try {
    const browser = await HeadlessBrowser.launch(paths.browser, programs, teardown, signal);
    return { version: browser.version(), commandLine: browser.commandLine() };
  } finally {
    await teardown.run();
  }
}

function statusOf(signal: AbortSignal): Status {
  if (!signal.aborted) return 'complete';
  return signal.reason instanceof Interrupted ? 'interrupted' : 'failed';
}
