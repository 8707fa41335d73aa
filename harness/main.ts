import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Interrupted, messageOf, UsageError } from './src/errors.js';
import { makeExperiment } from './src/experiment/experiment.js';
import { planTrials } from './src/experiment/plan.js';
import { readSystems } from './src/experiment/systems.js';
import { parseFlags } from './src/flags.js';
import { abortOnInterrupt } from './src/interrupt.js';
import { Programs } from './src/launch/processes.js';
import { startMetrics } from './src/metrics/service.js';
import { checkPaths, makePaths } from './src/paths.js';
import { drawFigure, drawingCommand } from './src/report/figure.js';
import { Progress } from './src/report/progress.js';
import { renderTable } from './src/report/report.js';
import { findWarnings } from './src/report/warnings.js';
import { type Run, type RunContext, runExperiment } from './src/run.js';
import { Teardown } from './src/teardown.js';

const EXIT = { ok: 0, error: 1, usage: 2, interrupted: 130 };
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, (text) => process.stdout.write(text));
  if (flags === null) return EXIT.ok;
  const systems = readSystems(join(ROOT, 'experiments', 'systems.yaml'));
  const experiment = makeExperiment(flags, systems, randomInt(2 ** 32));
  const paths = makePaths(ROOT, flags);
  checkPaths(paths, experiment);

  const trials = planTrials(experiment);
  const progress = new Progress(process.stderr, experiment, trials, Date.now, process.env);
  const signal = abortOnInterrupt(
    (reason) => {
      progress.clear();
      say(reason instanceof Interrupted ? reason.message : String(reason.stack));
      say('stopping what was started; Ctrl-C once more to kill it');
    },
    () => process.exit(EXIT.interrupted),
  );
  const programs = new Programs();
  // Playwright and the browser make their temporary folders in here: one removal takes them all.
  const scratch = mkdtempSync(join(tmpdir(), 'enxame-'));
  process.env['TMPDIR'] = scratch;
  process.on('exit', () => {
    programs.killAll();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  const teardown = new Teardown();
  const surroundings = { paths, programs, scratch, teardown, signal, say };
  try {
    const watch = await startMetrics(flags, trials, surroundings);
    const plain = { experiment, paths, commandLine: argv, programs, progress, signal };
    const context = { ...plain, ...(watch && { watch }) };
    const run = await runExperiment(trials, context);
    progress.clear();
    return await report(run, context, scratch);
  } finally {
    for (const failure of await teardown.run()) say(failure);
  }
}

/** Prints what the run found, draws its figure, and says with which code to exit. */
async function report(run: Run, context: RunContext, scratch: string): Promise<number> {
  const { experiment, paths, programs, signal } = context;
  const { rows, cells, environment, folder, status } = run;
  process.stdout.write(`${renderTable(cells, environment.cores)}\n`);
  for (const warning of findWarnings(experiment, environment, rows, cells)) {
    process.stdout.write(`Warning: ${warning}\n`);
  }
  process.stdout.write(`\nResults: ${folder.path}\n`);
  if (status !== 'complete') return endedEarly(run, context);
  try {
    say('drawing the figure');
    const figure = await drawFigure(paths, folder.path, scratch, programs, signal);
    process.stdout.write(`Figure:  ${figure}\n`);
  } catch (error) {
    if (signal.aborted) throw error;
    say(`no figure: ${messageOf(error)}\nby hand: ${drawingCommand(folder.path)}`);
    return EXIT.error;
  }
  return rows.every((row) => row.valid) ? EXIT.ok : EXIT.error;
}

function endedEarly({ rows, folder, status }: Run, { signal }: RunContext): number {
  const kept = rows.filter((row) => row.valid).length;
  const trials = kept === 1 ? '1 whole trial was' : `${kept} whole trials were`;
  say(`${status}: ${messageOf(signal.reason)}; ${trials} kept`);
  if (kept > 0) say(`figure of those: ${drawingCommand(folder.path)}`);
  return status === 'interrupted' ? EXIT.interrupted : EXIT.error;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof Interrupted ? EXIT.interrupted : EXIT.error;
}

// A reader that went away (`| head`, a closed terminal) is no reason to leave a run half done.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`run-experiment: ${messageOf(error)}`);
    process.exit(exitCodeOf(error));
  },
);
