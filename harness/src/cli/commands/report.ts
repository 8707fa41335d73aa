import { resolve } from 'node:path';
import { readLaunches, summarise } from '../../analysis/summary.js';
import { findWarnings } from '../../analysis/warnings.js';
import { EXIT, print, printJson, say } from '../../base/console.js';
import { cellsOf } from '../../experiment/cells.js';
import { makePaths } from '../../experiment/paths.js';
import { drawFigures } from '../../report/figure.js';
import { renderTable } from '../../report/table.js';
import { openSession } from '../../run/session.js';
import { completeExperiment } from '../../run_folder/older.js';
import { readEnvironment, readManifest, readTrials } from '../../run_folder/store.js';
import type { RunRequest } from '../flags.js';

/** Prints the table of a run, from its samples, and has the notebooks draw its figures and its page, into --out if given. */
export async function makeReport(root: string, request: RunRequest): Promise<number> {
  const path = resolve(request.run);
  const experiment = completeExperiment(readManifest(path).experiment);
  const environment = readEnvironment(path);
  const rows = readTrials(path);
  const cells = summarise(readLaunches(path, rows), rows, cellsOf(experiment), environment.cores);
  const warnings = findWarnings(experiment, environment, rows, cells);

  const tools = { ...openSession(), paths: makePaths(root, request) };
  say('drawing the figures');
  const out = request.out === undefined ? path : resolve(request.out);
  const drawn = await drawFigures(tools, path, out);
  if (request.json) {
    printJson({ run: path, cells, warnings, ...drawn });
    return EXIT.ok;
  }
  print(renderTable(cells, environment.cores));
  for (const warning of warnings) print(`Warning: ${warning}`);
  print('');
  for (const figure of drawn.figures) print(`Figure:  ${figure}`);
  print(`Report:  ${drawn.page}`);
  return EXIT.ok;
}
