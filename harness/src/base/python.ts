/** Debian's Python, which has the python3-* packages; the first one on PATH may be another. */
export const PYTHON = '/usr/bin/python3';

/**
 * -I: neither PYTHONHOME, PYTHONPATH and their like nor packages in ~/.local; -B: nothing is written next to
 * the sources.
 */
export const ISOLATED = ['-I', '-B'] as const;

/** The environment without what makes the loader give Debian's Python the libraries of another. */
export function environmentOfPython(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('LD_'));
  return Object.fromEntries(kept);
}
