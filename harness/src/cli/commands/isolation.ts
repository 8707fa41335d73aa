import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { makePaths } from '../../experiment/paths.js';
import { hosts, type Probed, probeAll, type Row } from '../../isolation/all.js';
import { ATTEMPTS } from '../../isolation/attempts.js';
import { describeEnvironment } from '../../run_folder/environment.js';
import { makeRunId } from '../../run_folder/run_folder.js';
import type { IsolationRequest } from '../request.js';

/** Has a probe try to get out of each engine, and says what it has reached. */
export async function showIsolation(root: string, request: IsolationRequest): Promise<number> {
  const paths = makePaths(root, request);
  const engines = hosts().filter(({ name }) => request.engines?.includes(name) ?? true);
  say(
    `${ATTEMPTS.length} attempts in each of ${engines.length} engines, about ${engines.length * 12} s`,
  );
  const probed = await probeAll(paths, engines, (engine, came) => {
    if (came === undefined) return;
    if (typeof came === 'string') return say(`${engine}: NOT AVAILABLE here: ${came}`);
    const ways = came.filter(({ attempt }) => !ALLOWED.has(attempt));
    const reached = ways.filter((row) => row.reached).length;
    say(`${engine}: got out in ${reached} of ${ways.length} ways`);
  });
  const facts = await Promise.all(engines.map(({ describe }) => describe?.(NOBODY, paths)));
  const environment = await describeEnvironment(
    paths,
    facts.flatMap((each) => each ?? []),
    engines,
  );
  const id = makeRunId(new Date(), randomBytes(3).toString('hex'));
  const file = join(paths.results, `isolation-${id}.json`);
  mkdirSync(paths.results, { recursive: true });
  const attempts = ATTEMPTS.map(({ name, title, isAllowed = false }) => ({
    ...{ name, title, is_allowed: isAllowed },
  }));
  const result = { attempts, ...probed, environment };
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  if (request.json) printJson(result);
  else print(tableOf(probed).join('\n'));
  say(`\nResults: ${file}`);
  return EXIT.ok;
}

const ALLOWED = new Set(ATTEMPTS.filter(({ isAllowed }) => isAllowed).map(({ name }) => name));

const NOBODY = {
  askBrowser: async () => {
    throw new Error('no browser takes part');
  },
};

/** A line for each attempt, and for what came of it in which engines. */
function tableOf({ rows }: Probed): string[] {
  return ATTEMPTS.flatMap(({ name, title, isAllowed = false }) => {
    const own = rows.filter(({ attempt }) => attempt === name);
    const lines = [
      ...outcomes(own, true, isAllowed ? 'may' : 'REACHED'),
      ...outcomes(own, false, isAllowed ? 'CANNOT' : 'contained'),
    ];
    return [`\n${title} (${name})`, ...alignColumns(lines, 3).map((line) => `  ${line}`)];
  });
}

/** Engines in which the same came of it share a line. */
function outcomes(rows: readonly Row[], reached: boolean, word: string): string[][] {
  const engines = new Map<string, string[]>();
  for (const { by, engine } of rows.filter((row) => row.reached === reached)) {
    engines.set(by, [...(engines.get(by) ?? []), engine]);
  }
  return [...engines].map(([by, names]) => [word, names.join(', '), by]);
}
