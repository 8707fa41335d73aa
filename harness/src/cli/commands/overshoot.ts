import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { makePaths } from '../../experiment/paths.js';
import { type Exceeding, exceedAll, LIMITS, limiting } from '../../probing/overshoot.js';
import { type Estimate, estimateOverLaunches } from '../../stats/estimate.js';
import type { OvershootRequest } from '../request.js';
import { environmentOf, keepResult, tidyUpOnSignals } from './probing.js';

/** Has a program exceed each limit that engines can set, and says by how much it could. */
export async function showOvershoot(root: string, request: OvershootRequest): Promise<number> {
  const { repeats } = request;
  tidyUpOnSignals();
  const paths = makePaths(root, request);
  const engines = limiting().filter(({ name }) => request.engines?.includes(name) ?? true);
  const limits = engines.reduce((sum, { guests }) => sum + guests.limits.length, 0);
  say(`${limits} limits, each exceeded ${repeats} times, about ${limits * repeats * 2} s`);
  const came = await exceedAll(paths, engines, repeats, (engine, rows) =>
    say(`${engine}: ${typeof rows === 'string' ? `NOT AVAILABLE here: ${rows}` : 'done'}`),
  );
  const described = LIMITS.map(({ name, title, unit, allowed }) => ({
    name,
    title,
    unit,
    allowed,
  }));
  const result = { limits: described, ...came, environment: await environmentOf(paths, engines) };
  const file = keepResult(paths, 'overshoot', result);
  if (request.json) printJson(result);
  else print(tableOf(came.rows).join('\n'));
  say(`\nResults: ${file}`);
  return EXIT.ok;
}

function tableOf(rows: readonly Exceeding[]): string[] {
  return LIMITS.flatMap(({ name, title, unit, allowed }) => {
    const own = rows.filter(({ limit }) => limit === name);
    const engines = [...new Set(own.map(({ engine }) => engine))];
    if (engines.length === 0) return [];
    const header = [
      'engine',
      allowed === 0 ? `took, ${unit}` : `beyond it, ${unit}`,
      'by',
      'host sees',
    ];
    const lines = engines.map((engine) => {
      const tries = own.filter((row) => row.engine === engine);
      const beyond = estimateOverLaunches(tries.map((row) => row.beyond ?? Number.NaN));
      const [first] = tries;
      return [
        engine,
        shown(beyond),
        first?.by || 'NOTHING: it was not limited',
        first?.host_sees ?? '',
      ];
    });
    return [`\n${title}`, ...alignColumns([header, ...lines], 4).map((line) => `  ${line}`)];
  });
}

function shown({ value, low, high }: Estimate): string {
  const digits = (each: number) => each.toFixed(1);
  if (low === undefined || high === undefined) return digits(value);
  return `${digits(value)} [${digits(low)}–${digits(high)}]`;
}
