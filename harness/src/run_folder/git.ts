import { realpathSync } from 'node:fs';
import { type Answer, ask } from '../base/ask.js';

/** Of the checkout that the harness is part of. */
export interface GitFacts {
  readonly commit: string | null;
  /** Whether it holds changes that the commit does not. */
  readonly dirty: boolean | null;
  /** Why one of them is null; absent when both are known. */
  readonly unknown_because?: string;
}

/**
 * The commit of the checkout at `root`. Only of that one: neither of a repository around it, in which
 * an unpacked archive may lie, nor of one that GIT_DIR and its like name.
 */
export async function describeGit(root: string): Promise<GitFacts> {
  const git = (...args: string[]) => ask('git', [...settingsFor(root), ...args], withoutGit());
  const top = await git('rev-parse', '--show-toplevel');
  if ('failed' in top) return unknown(top.failed);
  const around = top.stdout.replace(/\n$/, '');
  if (around !== realpathSync(root)) {
    return unknown(`${root} is not a checkout, although it lies inside that of ${around}`);
  }
  const commit = await git('rev-parse', '--verify', 'HEAD');
  if ('failed' in commit) return unknown(commit.failed);
  return { commit: commit.stdout.trim(), ...dirtiness(await git('status', '--porcelain')) };
}

/**
 * Who runs ./run-experiment trusts the checkout, whoever owns it; still it is only read, and starts
 * nothing.
 */
function settingsFor(root: string): string[] {
  const safe = ['-c', `safe.directory=${realpathSync(root)}`];
  const passive = ['-c', 'core.fsmonitor=false', '--no-optional-locks'];
  return [...safe, ...passive, '-C', root];
}

function withoutGit(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function dirtiness(status: Answer): Pick<GitFacts, 'dirty' | 'unknown_because'> {
  if ('failed' in status) return { dirty: null, unknown_because: status.failed };
  return { dirty: status.stdout !== '' };
}

function unknown(because: string): GitFacts {
  return { commit: null, dirty: null, unknown_because: because };
}
