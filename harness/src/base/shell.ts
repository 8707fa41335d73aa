import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository that this program was built in. */
export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

/** `./run-experiment resume 'my results/x'`: a command to paste into a shell where the user stands. */
export function runExperiment(...args: readonly string[]): string {
  return repositoryCommand('run-experiment', ...args);
}

/** A command that is a file of the repository, to be pasted into a shell where the user stands. */
export function repositoryCommand(file: string, ...args: readonly string[]): string {
  return [commandFrom(workingFolder(), join(REPOSITORY, file)), ...args.map(quote)].join(' ');
}

/** `program` as a shell in `folder` finds it, by the shorter of its two paths. */
export function commandFrom(folder: string | undefined, program: string): string {
  if (folder === undefined) return quote(program);
  const near = relative(folder, program);
  const inside = near.includes('/') ? near : `./${near}`;
  return quote(inside.length <= program.length ? inside : program);
}

/** A word as a POSIX shell reads it back: in quotes where it needs them. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** undefined when it was removed meanwhile. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
