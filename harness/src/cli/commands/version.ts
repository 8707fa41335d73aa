import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, print } from '../../base/console.js';
import { describeGit } from '../../run_folder/git.js';

/** Prints the version of the project, which every program has from the file VERSION, and the commit that it was built from where that is known. */
export async function showVersion(root: string): Promise<number> {
  const { commit, dirty } = await describeGit(root);
  const source = commit === null ? 'commit unknown' : `commit ${commit}`;
  const version = readFileSync(join(root, 'VERSION'), 'utf8').trim();
  print(`run-experiment ${version}, ${source}${dirty ? ' with changes' : ''}`);
  return EXIT.ok;
}
