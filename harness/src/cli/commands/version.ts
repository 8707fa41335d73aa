import { readFileSync } from 'node:fs';
import { EXIT, print } from '../../base/console.js';
import { describeGit } from '../../run_folder/git.js';

/** Prints the version of this program, and the commit that it was built from where that is known. */
export async function showVersion(root: string): Promise<number> {
  const { commit, dirty } = await describeGit(root);
  const source = commit === null ? 'commit unknown' : `commit ${commit}`;
  print(`run-experiment ${readVersion()}, ${source}${dirty ? ' with changes' : ''}`);
  return EXIT.ok;
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
