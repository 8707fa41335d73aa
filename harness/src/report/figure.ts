import { join } from 'node:path';
import type { Programs } from '../launch/processes.js';
import type { Paths } from '../paths.js';
import { repositoryCommand } from '../shell.js';
import { waitFor } from '../wait.js';

/** Debian's Python, which has the python3-* packages; the first one on PATH may be another. */
const PYTHON = '/usr/bin/python3';
const DEADLINE_MS = 1_200_000;

/** What the notebooks made of a run. */
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

/**
 * Has the notebooks draw the figures of a run and write its page. Nothing of the user's Jupyter is read
 * or written. Throws an Error with the last words of notebooks/report.py when it fails.
 */
export async function drawFigures(
  paths: Paths,
  runFolder: string,
  scratch: string,
  programs: Programs,
  signal: AbortSignal,
): Promise<Drawn> {
  const log = join(scratch, 'report.log');
  const program = programs.start(
    'notebooks/report.py',
    PYTHON,
    [join(paths.root, 'notebooks', 'report.py'), runFolder],
    log,
  );
  const written: string[] = [];
  program.lines.on('line', (line) => written.push(line));
  try {
    const ending = await waitFor(program.ended, {
      what: 'drawing the figures',
      deadlineMs: DEADLINE_MS,
      signal,
    });
    if (ending !== 0) throw new Error(program.describeEnding(ending, 'while it drew the figures'));
  } finally {
    await program.stop();
  }
  const page = written.find((path) => path.endsWith('report.html'));
  if (page === undefined) throw new Error('notebooks/report.py ended well without naming a page');
  return { page, figures: written.filter((path) => path.endsWith('.png')) };
}
