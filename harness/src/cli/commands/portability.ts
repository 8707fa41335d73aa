import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { makePaths } from '../../experiment/paths.js';
import { hosts } from '../../probing/isolation.js';
import { type Place, places } from '../../probing/portability.js';
import type { PortabilityRequest } from '../request.js';
import { environmentOf, keepResult, tidyUpOnSignals } from './probing.js';

/** Node's names of machines, as the kernel has them. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Has each engine multiply once, and says which file does where. */
export async function showPortability(root: string, request: PortabilityRequest): Promise<number> {
  tidyUpOnSignals();
  const paths = makePaths(root, request);
  const engines = hosts().filter(({ name }) => request.engines?.includes(name) ?? true);
  const machine = MACHINES[process.arch] ?? process.arch;
  const found = await places(paths, engines, machine, ({ engine, multiplies }) =>
    say(`${engine}: ${multiplies ? 'multiplies' : 'does not multiply'}`),
  );
  const result = { places: found, environment: await environmentOf(paths, engines) };
  const file = keepResult(paths, 'portability', result);
  if (request.json) printJson(result);
  else print(tableOf(found).join('\n'));
  say(`\nResults: ${file}`);
  return EXIT.ok;
}

function tableOf(found: readonly Place[]): string[] {
  const lines = found.map(({ file, engine, machine, multiplies, because }) => [
    ...[file, engine, machine, multiplies ? 'right product' : `none: ${because}`],
  ]);
  return alignColumns([['file', 'engine', 'machine', 'came of it'], ...lines]);
}
