import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis } from '../analysis/analysis.js';
import { messageOf } from '../base/errors.js';
import { environmentOfPython, ISOLATED, PYTHON } from '../base/python.js';
import { repositoryCommand } from '../base/shell.js';
import { waitFor } from '../base/wait.js';
import type { Paths } from '../experiment/paths.js';
import type { Program, Programs } from '../launch/parts/processes.js';
import { WriteError } from '../run_folder/files.js';

const DEADLINE_MS = 1_200_000;

/** What was drawn of a run. */
export interface Drawn {
  /** The path of the page. */
  readonly page: string;
  /** The paths of the figures as PNG, in the order of the page. */
  readonly figures: readonly string[];
}

/** The command that draws the figures by hand, to be shown when the harness did not. */
export function drawingCommand(runFolder: string): string {
  return repositoryCommand('notebooks/report.py', runFolder);
}

/** What of the analysis of a run its figures and its page show. */
export type Judged = Pick<Analysis, 'warnings' | 'comparisons' | 'contrasts'>;

/** What drawing needs of a scope (run/scope.ts). */
export interface DrawingTools {
  readonly paths: Paths;
  readonly programs: Programs;
  readonly signal: AbortSignal;
}

/** Where what is drawn comes from and goes to. */
export interface DrawingFolders {
  readonly run: string;
  readonly out: string;
}

/**
 * Has Python draw the figures of a run and write its page. Nothing of the user's Python and matplotlib is
 * read or written. `judging`: the judgements that it is to show, for which it waits when it has read the
 * samples; by default those in the run's folder. Throws an Error with the last words of notebooks/report.py and
 * the path of all of them when it fails.
 */
export async function drawFigures(
  { paths, programs, signal }: DrawingTools,
  { run, out }: DrawingFolders,
  judging?: Promise<Judged>,
): Promise<Drawn> {
  const log = makeLog(out);
  const script = join(paths.root, 'notebooks', 'report.py');
  const program = programs.start(
    'notebooks/report.py',
    PYTHON,
    [...ISOLATED, script, run, '--out', out, ...(judging === undefined ? [] : ['--judged'])],
    log,
    { env: environmentOfPython(), input: judging !== undefined },
  );
  try {
    const drawn = drawnBy(program, signal, log);
    if (judging !== undefined) {
      const told = judging.then(({ warnings, comparisons, contrasts }) =>
        program.tell(JSON.stringify({ warnings, comparisons, contrasts })),
      );
      await Promise.all([told, drawn]);
    }
    return await drawn;
  } finally {
    await program.stop();
  }
}

/** What it wrote, when it has ended well. */
async function drawnBy(program: Program, signal: AbortSignal, log: string): Promise<Drawn> {
  const written: string[] = [];
  program.lines.on('line', (line) => written.push(line));
  try {
    const ending = await waitFor(program.ended, {
      what: 'drawing the figures',
      deadlineMs: DEADLINE_MS,
      signal,
    });
    if (ending !== 0) throw new Error(program.describeEnding(ending, 'while it drew the figures'));
    const page = written.find((path) => path.endsWith('report.html'));
    if (page === undefined) throw new Error('notebooks/report.py succeeded without naming a page');
    rmSync(log, { force: true });
    return { page, figures: written.filter((path) => path.endsWith('.png')) };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`${messageOf(error)}; its output: ${log}`);
  }
}

/** The file for what goes wrong, without that of an earlier time. */
function makeLog(out: string): string {
  const folder = join(out, 'logs');
  const log = join(folder, 'report.log');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(log, '');
  } catch (error) {
    throw new Error(
      `${new WriteError(log, error).message}; give --out a folder that you may write to`,
    );
  }
  return log;
}
