import { statSync } from 'node:fs';
import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import type { ImageSize } from '../../engines/engine.js';
import { makePaths, type Paths } from '../../experiment/paths.js';
import { footprints, MANY, type Start, WORK_N } from '../../probing/footprint.js';
import { type Host, hosts } from '../../probing/isolation.js';
import { estimateOverLaunches } from '../../stats/estimate.js';
import type { FootprintRequest } from '../request.js';
import { environmentOf, keepResult, shownEstimate, tidyUpOnSignals } from './probing.js';

const MIB = 2 ** 20;

/** Starts each engine, and says what it takes. */
export async function showFootprint(root: string, request: FootprintRequest): Promise<number> {
  const { repeats } = request;
  tidyUpOnSignals();
  const paths = makePaths(root, request);
  const engines = hosts().filter(({ name }) => request.engines?.includes(name) ?? true);
  say(
    `${engines.length} engines, each started ${repeats} times with files in memory, as often without, and ${MANY} at once`,
  );
  const came = await footprints(paths, engines, repeats, (engine, rows) =>
    say(`${engine}: ${typeof rows === 'string' ? `NOT AVAILABLE here: ${rows}` : 'done'}`),
  );
  const programs = Object.fromEntries(
    engines.map((engine) => [engine.name, programBytes(engine, paths)]),
  );
  const images = Object.fromEntries(
    engines.flatMap(({ name, guests }) =>
      guests.image && !(name in came.unavailable) ? [[name, guests.image()] as const] : [],
    ),
  );
  const result = {
    ...{ work_n: WORK_N, many: MANY, program_bytes: programs, image_bytes: images, ...came },
    environment: await environmentOf(paths, engines),
  };
  const file = keepResult(paths, 'footprint', result);
  if (request.json) printJson(result);
  else print(tableOf(came.rows, programs, images).join('\n'));
  say(`\nResults: ${file}`);
  return EXIT.ok;
}

/** What is shipped to where the engine is: machine code of one kind of machine, or a module for all. */
function programBytes({ needs = [] }: Host, { bin, wasi }: Paths): number {
  const isWasm = needs.includes('wasi');
  return statSync(isWasm ? join(wasi, 'stdio-worker.wasm') : join(bin, 'stdio-worker')).size;
}

function tableOf(
  rows: readonly Start[],
  programs: Readonly<Record<string, number>>,
  images: Readonly<Record<string, ImageSize>>,
): string[] {
  const header = [
    ...['engine', 'ready, ms', 'ready cold, ms', 'idle, MiB', `after n = ${WORK_N}, MiB`],
    ...['files mapped, MiB', 'its program, MiB', 'image, MiB', 'without shared layers'],
    ...[`${MANY} at once ready, ms`, 'idle, MiB', `after n = ${WORK_N}, MiB`],
  ];
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const lines = engines.map((name) => {
    const of = (cold: boolean, field: keyof Start, scale: number, atOnce = 1) =>
      shownEstimate(
        estimateOverLaunches(
          rows
            .filter((row) => row.engine === name && row.cold === cold && row.at_once === atOnce)
            .map((row) => Number(row[field]) / scale),
        ),
      );
    return [
      ...[name, of(false, 'ready_ms', 1), of(true, 'ready_ms', 1), of(false, 'idle_bytes', MIB)],
      ...[of(false, 'busy_bytes', MIB), of(false, 'files_bytes', MIB)],
      ...[programs[name], images[name]?.bytes, images[name]?.own_bytes].map((bytes) =>
        bytes === undefined ? '–' : (bytes / MIB).toFixed(2),
      ),
      ...[of(false, 'ready_ms', 1, MANY), of(false, 'idle_bytes', MIB, MANY)],
      of(false, 'busy_bytes', MIB, MANY),
    ];
  });
  return alignColumns([header, ...lines]);
}
