/** What the commands share that start a probe in engines. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../engines/engine.js';
import type { Paths } from '../../experiment/paths.js';
import { describeEnvironment, type Environment } from '../../run_folder/environment.js';
import { makeRunId } from '../../run_folder/run_folder.js';

const NOBODY = {
  askBrowser: async () => {
    throw new Error('no browser takes part');
  },
};

/** What they ran on. */
export async function environmentOf(
  paths: Paths,
  engines: readonly Engine[],
): Promise<Environment> {
  const facts = await Promise.all(engines.map(({ describe }) => describe?.(NOBODY, paths)));
  return describeEnvironment(
    paths,
    facts.flatMap((each) => each ?? []),
    engines,
  );
}

/** Writes what came of it into a file of the results, and returns its path. */
export function keepResult(paths: Paths, kind: string, result: object): string {
  const id = makeRunId(new Date(), randomBytes(3).toString('hex'));
  const file = join(paths.results, `${kind}-${id}.json`);
  mkdirSync(paths.results, { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  return file;
}
