import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { makePaths } from '../../experiment/paths.js';
import { ATTEMPTS } from '../../probing/attempts.js';
import { hosts, type Probed, probeAll, type Row } from '../../probing/isolation.js';
import type { IsolationRequest } from '../request.js';
import { environmentOf, keepResult, tidyUpOnSignals } from './probing.js';

/** Has a probe try to get out of each engine, and says what it has reached. */
export async function showIsolation(root: string, request: IsolationRequest): Promise<number> {
  tidyUpOnSignals();
  const paths = makePaths(root, request);
  const engines = hosts().filter(({ name }) => request.engines?.includes(name) ?? true);
  say(
    `${ATTEMPTS.length} attempts in each of ${engines.length} engines, about ${engines.length * 5} s`,
  );
  const probed = await probeAll(paths, engines, (engine, came) => {
    if (came === undefined) return;
    if (typeof came === 'string') return say(`${engine}: NOT AVAILABLE here: ${came}`);
    const ways = came.filter(({ attempt }) => !ALLOWED.has(attempt));
    const reached = ways.filter((row) => row.reached).length;
    say(`${engine}: got out in ${reached} of ${ways.length} ways`);
  });
  const attempts = ATTEMPTS.map(({ name, title, isAllowed = false }) => ({
    ...{ name, title, is_allowed: isAllowed },
  }));
  const result = { attempts, ...probed, environment: await environmentOf(paths, engines) };
  const file = keepResult(paths, 'isolation', result);
  if (request.json) printJson(result);
  else print(tableOf(probed).join('\n'));
  say(`\nResults: ${file}`);
  return EXIT.ok;
}

const ALLOWED = new Set(ATTEMPTS.filter(({ isAllowed }) => isAllowed).map(({ name }) => name));

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
