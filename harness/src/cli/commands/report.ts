import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { analyse, type Judgements, judgementsOf } from '../../analysis/analysis.js';
import { EXIT, print, printJson, say } from '../../base/console.js';
import { type Experiment, findOver, inPlace } from '../../experiment/experiment.js';
import { makePaths } from '../../experiment/paths.js';
import { answerOf } from '../../report/answer.js';
import { renderAnswer, renderFindings } from '../../report/conclusion.js';
import { drawFigures } from '../../report/figure.js';
import { openScope } from '../../run/scope.js';
import { WriteError, writeWhole } from '../../run_folder/files.js';
import { completeExperiment } from '../../run_folder/later_axes.js';
import { readEnvironment, readManifest, readTrials } from '../../run_folder/store.js';
import type { ReportRequest } from '../request.js';

/** Prints the table of a run, from its samples, and has Python draw its figures and its page, into --out if given. */
export async function makeReport(root: string, request: ReportRequest): Promise<number> {
  const path = resolve(request.run);
  const { status, plan, ...manifest } = readManifest(path);
  const experiment = withOver(completeExperiment(manifest.experiment), request.over);
  const environment = readEnvironment(path);
  const rows = readTrials(path);
  say('drawing the figures');
  const tools = { ...openScope(), paths: makePaths(root, request) };
  const folders = { run: path, out: resolve(request.out ?? path) };
  const evidence = { path, status, plan, experiment, environment, rows };
  // Once Python has been started, which takes a second to begin and then reads the samples.
  const analysing = Promise.resolve().then(() => analyse(evidence));
  const [analysis, drawn] = await Promise.all([analysing, drawFigures(tools, folders, analysing)]);
  const { cells } = analysis;
  const warnings = analysis.warnings.map(({ text }) => text);
  // Whoever runs it writes them, when it ends.
  const isOwn = request.out === undefined && request.over === undefined;
  if (isOwn && status !== 'running') addMissing(path, judgementsOf(analysis));
  if (request.json) {
    const answer = answerOf(experiment, analysis);
    printJson({ run: path, cells, warnings, question: experiment.question, answer, ...drawn });
    return EXIT.ok;
  }
  print(renderFindings(analysis, environment.cores));
  for (const warning of warnings) print(`Warning: ${warning}`);
  print('');
  for (const figure of drawn.figures) print(`Figure:  ${figure}`);
  print(`Report:  ${drawn.page}`);
  print(renderAnswer(experiment, analysis));
  return EXIT.ok;
}

function withOver(experiment: Experiment, over: string | undefined): Experiment {
  if (over === undefined) return experiment;
  return { ...experiment, over: inPlace('--over', () => findOver(over, experiment.systems)) };
}

/** Gives a run of before there were any its judgements, for those who draw it by hand, where that can be done. */
function addMissing(run: string, judgements: Judgements): void {
  try {
    for (const [name, text] of Object.entries(judgements)) {
      if (!existsSync(join(run, name))) writeWhole(join(run, name), text);
    }
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
  }
}
