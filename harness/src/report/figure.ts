import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from '../launch/processes.js';
import type { Paths } from '../paths.js';
import { waitFor } from '../wait.js';

/** Debian's Python, which has the python3-* packages; the first one on PATH may be another. */
const PYTHON = '/usr/bin/python3';
const DEADLINE_MS = 120_000;

/** The command that draws a figure by hand, to be shown when the harness did not. */
export function drawingCommand(runFolder: string): string {
  return `ENXAME_RUN=${runFolder} ${PYTHON} -m nbconvert --to notebook --execute notebooks/scaling.ipynb --output-dir /tmp`;
}

/**
 * Has the notebook draw the figures of a run and returns the paths of the PNGs. Nothing of the user's
 * Jupyter is read or written. Throws an Error with the notebook's last words when it fails.
 */
export async function drawFigures(
  paths: Paths,
  runFolder: string,
  scratch: string,
  programs: Programs,
  signal: AbortSignal,
): Promise<string[]> {
  const own = (name: string) => join(scratch, 'jupyter', name);
  const env = {
    ...process.env,
    ENXAME_RUN: runFolder,
    IPYTHONDIR: own('ipython'),
    JUPYTER_CONFIG_DIR: own('config'),
    JUPYTER_DATA_DIR: own('data'),
    JUPYTER_RUNTIME_DIR: own('runtime'),
    MPLCONFIGDIR: own('matplotlib'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const notebook = join(paths.root, 'notebooks', 'scaling.ipynb');
  const args = [
    '-m',
    'nbconvert',
    '--to',
    'notebook',
    '--execute',
    notebook,
    '--output-dir',
    own('executed'),
  ];
  const log = join(runFolder, 'logs', 'figure.log');
  const program = programs.start('the notebook', PYTHON, args, log, env);
  try {
    const ending = await waitFor(program.ended, {
      what: 'drawing the figure',
      deadlineMs: DEADLINE_MS,
      signal,
    });
    if (ending !== 0) throw new Error(program.describeEnding(ending, 'while it drew the figure'));
  } finally {
    await program.stop();
  }
  const figure = join(runFolder, 'figures', 'scaling.png');
  if (!existsSync(figure)) throw new Error(`the notebook ended well without drawing ${figure}`);
  return [figure];
}
