import { randomBytes, randomInt } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { isPreciseEnough } from '../../analysis/stop_rule.js';
import { EXIT, print, printJson, say } from '../../base/console.js';
import { messageOf, UsageError } from '../../base/errors.js';
import { runExperiment } from '../../base/shell.js';
import { Teardown } from '../../base/teardown.js';
import { describeAxes } from '../../experiment/axis_rows.js';
import { checkCapabilities } from '../../experiment/capabilities.js';
import { findExperiment, readExperiment } from '../../experiment/catalogue.js';
import { sizeInWords } from '../../experiment/eta.js';
import type { Experiment } from '../../experiment/experiment.js';
import { checkBrowserPath, checkPaths, makePaths, type Paths } from '../../experiment/paths.js';
import { checkPlacement } from '../../experiment/placement.js';
import { PLANNER, planTrials, type Trial } from '../../experiment/plan.js';
import { longerWindows } from '../../experiment/window.js';
import { Relay } from '../../metrics/relay.js';
import { type MetricsWish, startMetrics } from '../../metrics/service.js';
import { answerOf } from '../../report/answer.js';
import { renderAnswer, renderFindings } from '../../report/conclusion.js';
import { type Drawn, drawFigures, drawingCommand } from '../../report/figure.js';
import { Progress } from '../../report/progress.js';
import { lookAround } from '../../run/look_around.js';
import { openScope } from '../../run/scope.js';
import { type Run, type RunContext, runTrials } from '../../run/trials.js';
import { differencesOfEnvironments } from '../../run_folder/alike.js';
import { type Difference, describeDifference, differences } from '../../run_folder/difference.js';
import type { Environment } from '../../run_folder/environment.js';
import { hashOfValue } from '../../run_folder/hash.js';
import { completeExperiment } from '../../run_folder/later_axes.js';
import {
  type Manifest,
  SCHEMA_VERSION,
  type Session,
  type Source,
} from '../../run_folder/manifest.js';
import type { TrialRow } from '../../run_folder/rows.js';
import { makeRunId, RunFolder } from '../../run_folder/run_folder.js';
import { readEnvironment } from '../../run_folder/store.js';
import { firstWords } from '../flags.js';
import type { CommonFlags, EndOfRun, ExperimentRequest, ResumeRequest } from '../request.js';

/** Runs an experiment from its beginning. */
export async function startRun(
  root: string,
  request: ExperimentRequest,
  argv: readonly string[],
): Promise<number> {
  const folder = join(root, 'experiments');
  const { overrides } = request;
  const found = findExperiment(folder, request.experiment, firstWords());
  const experiment = readExperiment(folder, found, overrides, randomInt(2 ** 32));
  checkBrowserPath(request.browserPath, experiment);
  const paths = makePaths(root, request);
  const source = { file: pathFrom(root, found.path), overrides };
  const wanted = { ...newRun(), experiment, paths, earlier: [], metrics: request.metrics ?? {} };
  const { run, context } = await inSession(wanted, (context) =>
    beginRun(wanted, source, argv, context),
  );
  return conclude(run, context, request);
}

/** Runs an experiment that no file has, and prints nothing of what came of it. */
export async function measureAlone(
  experiment: Experiment,
  paths: Paths,
  argv: readonly string[],
): Promise<Run & { readonly interrupted: boolean }> {
  const wanted = { ...newRun(), experiment, paths, earlier: [], metrics: {} };
  const { run, context } = await inSession(wanted, (context) =>
    beginRun(wanted, null, argv, context),
  );
  if (run.status !== 'complete') endedEarly(run, context.signal);
  return { ...run, interrupted: run.status === 'interrupted' };
}

/**
 * Goes on with a run that ended early. Refuses, with the differences, when the experiment or what it
 * is measured on has changed since.
 */
export async function resumeRun(
  root: string,
  request: ResumeRequest,
  argv: readonly string[],
): Promise<number> {
  const folder = RunFolder.open(resolve(request.run));
  try {
    const { path, earlier, runId } = folder;
    const experiment = completeExperiment(folder.manifest.experiment);
    checkPlanner(path, folder.manifest);
    checkExperiment(root, folder.manifest);
    checkBrowserPath(request.browserPath, experiment);
    const paths = makePaths(root, request);
    const wanted = { runId, experiment, paths, earlier, metrics: request.metrics ?? {} };
    const { run, context } = await inSession(wanted, async (context) => {
      const environment = readEnvironment(path);
      checkEnvironment(environment, await lookAround(context));
      for (const note of folder.begin(newSession(argv, new Date()))) say(note);
      return { folder, environment };
    });
    return await conclude(run, context, request);
  } finally {
    folder.close();
  }
}

/** What a run that begins now is called. */
function newRun(): Begun {
  const start = new Date();
  return { start, runId: makeRunId(start, randomBytes(3).toString('hex')) };
}

interface Begun {
  readonly start: Date;
  readonly runId: string;
}

/** Makes the folder of a new run. */
async function beginRun(
  { start, runId }: Begun,
  source: Source | null,
  argv: readonly string[],
  context: RunContext,
): Promise<{ folder: RunFolder; environment: Environment }> {
  const { experiment, paths } = context;
  const environment = await lookAround(context);
  const manifest: Manifest = {
    schema_version: SCHEMA_VERSION,
    run_id: runId,
    status: 'running',
    axes: describeAxes(),
    experiment,
    experiment_sha256: hashOfValue(experiment),
    source,
    planner: PLANNER,
    plan: planTrials(experiment).map((trial) => trial.id),
    sessions: [newSession(argv, start)],
    files: [],
  };
  return { folder: RunFolder.create(paths.results, manifest, environment), environment };
}

function newSession(argv: readonly string[], start: Date): Session {
  return {
    command_line: argv,
    started_at: start.toISOString(),
    ended_at: null,
    status: 'running',
  };
}

/** Relative where the file is in the repository, so that another clone can resume. */
function pathFrom(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith('..') ? path : inside;
}

/** Trials are known by their place in the plan. */
function checkPlanner(path: string, { planner = 1 }: Manifest): void {
  if (planner === PLANNER) return;
  throw new UsageError(
    `${path}: was planned by another version of this program, in another order (planner ${planner}; expected ${PLANNER}); start a new run`,
  );
}

function checkExperiment(root: string, { source, experiment }: Manifest): void {
  if (source === null) return;
  const path = resolve(root, source.file);
  const { name, seed } = experiment;
  const folder = join(root, 'experiments');
  const now = readExperiment(folder, { name, path }, source.overrides, seed);
  refuse(
    `${source.file} has changed since the run was planned`,
    differences(completeExperiment(experiment), JSON.parse(JSON.stringify(now))),
  );
}

function checkEnvironment(before: Environment, now: Environment): void {
  refuse(
    'the programs or the machine have changed since the run began',
    differencesOfEnvironments(before, now),
  );
}

function refuse(what: string, found: readonly Difference[]): void {
  if (found.length === 0) return;
  const lines = found.map((difference) => `  ${describeDifference(difference)}`);
  throw new UsageError(
    `${what}, so its trials would not be comparable; restore it, or start a new run:\n${lines.join('\n')}`,
  );
}

/** What a session runs. */
interface Wanted {
  readonly runId: string;
  readonly experiment: Experiment;
  readonly paths: Paths;
  /** Trials of earlier sessions. */
  readonly earlier: readonly TrialRow[];
  readonly metrics: MetricsWish;
}

/**
 * Runs the trials of a folder that `open` makes or opens, with everything that a session needs around
 * it.
 */
async function inSession(
  { runId, experiment, paths, earlier, metrics }: Wanted,
  open: (context: RunContext) => Promise<{ folder: RunFolder; environment: Environment }>,
): Promise<{ run: Run; context: RunContext }> {
  checkPaths(paths, experiment);
  checkPlacement(experiment);
  await checkCapabilities(paths, experiment);
  const plan = planTrials(experiment);
  say(`${experiment.name}: ${sizeInWords(plan, experiment)}${leftOf(plan, earlier)}`);
  const longer = longerWindows(experiment);
  if (longer !== undefined) say(longer);
  const progress = new Progress(
    process.stderr,
    experiment,
    plan,
    earlier,
    () => performance.now(),
    process.env,
  );
  const { programs, signal, scratch } = openScope(() => progress.clear());
  const teardown = new Teardown();
  try {
    const relay = new Relay();
    const surroundings = { paths, programs, scratch, teardown, signal, relay, say };
    const watch = await startMetrics(metrics, { id: runId, experiment, plan }, surroundings);
    const observers = [progress, ...(watch ? [watch] : [])];
    const context = { experiment, paths, programs, observers, signal, relay };
    const { folder, environment } = await open(context);
    const run = await runTrials(folder, environment, earlier, context);
    progress.clear();
    return { run, context };
  } finally {
    for (const failure of await teardown.run()) say(failure);
  }
}

function leftOf(plan: readonly Trial[], earlier: readonly TrialRow[]): string {
  if (earlier.length === 0) return '';
  const done = new Set(
    earlier.filter((row) => row.verdict !== 'interrupted').map((row) => row.trial),
  );
  return `, of which ${plan.filter(({ id }) => !done.has(id)).length} are left`;
}

/** Prints what the run found, draws its figures, and says with which code to exit. */
async function conclude(
  run: Run,
  context: RunContext,
  { json, report = true }: CommonFlags & EndOfRun,
): Promise<number> {
  const { experiment, signal } = context;
  const { rows, environment, folder, status } = run;
  const { analysis } = run;
  const { cells } = analysis;
  const warnings = [...analysis.warnings.map(({ text }) => text), ...notesOf(folder)];
  const drawn = status === 'complete' && report ? await figuresOf(run, context) : undefined;
  if (json) {
    const answer = answerOf(experiment, analysis);
    const told = { cells, warnings, question: experiment.question, answer };
    printJson({ run: folder.path, status, ...told, figures: [], ...drawn });
  } else {
    print(renderFindings(analysis, environment.cores));
    for (const warning of warnings) print(`Warning: ${warning}`);
    print(`\nResults: ${folder.path}`);
    for (const figure of drawn?.figures ?? []) print(`Figure:  ${figure}`);
    if (drawn !== undefined) print(`Report:  ${drawn.page}`);
    if (!report && status === 'complete')
      print(`Report:  not drawn; to draw it: ${runExperiment('report', folder.path)}`);
    print(renderAnswer(experiment, analysis));
  }
  if (status !== 'complete') return endedEarly(run, signal);
  const failed = rows.some((row) => row.verdict === 'failed');
  if ((report && drawn === undefined) || failed) return EXIT.error;
  const noisy = rows.some((row) => row.verdict === 'noisy') || !isPreciseEnough(experiment, rows);
  return noisy ? EXIT.noisy : EXIT.ok;
}

/** What happened to the session beside its trials. */
function notesOf({ manifest }: RunFolder): string[] {
  return (manifest.sessions.at(-1)?.notes ?? []).map((note) => `In this session: ${note}.`);
}

/** undefined when they could not be drawn. */
async function figuresOf({ folder }: Run, context: RunContext): Promise<Drawn | undefined> {
  const { path } = folder;
  try {
    say('drawing the figures');
    return await drawFigures(context, { run: path, out: path });
  } catch (error) {
    if (context.signal.aborted) throw error;
    say(`no figures: ${messageOf(error)}\nto draw them by hand: ${drawingCommand(path)}`);
    return undefined;
  }
}

function endedEarly({ rows, folder, status }: Run, signal: AbortSignal): number {
  const kept = rows.filter((row) => row.valid).length;
  const trials = kept === 1 ? '1 complete trial was' : `${kept} complete trials were`;
  say(`${status}: ${messageOf(signal.reason)}; ${trials} kept`);
  say(`to resume: ${runExperiment('resume', folder.path)}`);
  return status === 'interrupted' ? EXIT.interrupted : EXIT.error;
}
