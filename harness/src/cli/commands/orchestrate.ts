import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { messageOf } from '../../base/errors.js';
import { makeScratch, removeScratch } from '../../base/scratch.js';
import { ENGINES } from '../../engines/all.js';
import { makePaths } from '../../experiment/paths.js';
import { Programs } from '../../launch/parts/processes.js';
import { ORCHESTRATORS } from '../../orchestration/all.js';
import { Processes } from '../../orchestration/processes.js';
import {
  type Beside,
  MANY,
  NotAvailable,
  type Run,
  runBeside,
  runOnce,
  warmUp,
} from '../../orchestration/scenario.js';
import { estimateOverLaunches } from '../../stats/estimate.js';
import type { OrchestrateRequest } from '../request.js';
import { environmentOf, keepResult, shownEstimate, tidyUpOnSignals } from './probing.js';

/** How long it takes to put one through it, about, in seconds. */
const LENGTH = 25;

/** Says to the process that is started in a network of its own that it is there. */
const INSIDE = 'ENXAME_NETWORK_OF_ITS_OWN';

/** Puts orchestrators through what they are for, and says how long it took and what was lost. */
export async function showOrchestration(
  root: string,
  request: OrchestrateRequest,
): Promise<number> {
  const { repeats } = request;
  const paths = makePaths(root, request);
  const chosen = ORCHESTRATORS.filter(({ name }) => request.orchestrators?.includes(name) ?? true);
  const needsNetwork = chosen.filter(({ changesNetworks }) => changesNetworks);
  const unavailable: Record<string, string> = {};
  if (needsNetwork.length > 0 && process.env[INSIDE] === undefined) {
    const why = whyNoNetwork();
    if (why === undefined) return insideOwnNetwork();
    for (const { name } of needsNetwork) unavailable[name] = why;
  }
  tidyUpOnSignals();
  const engines = chosen.flatMap(({ engine }) => (engine === undefined ? [] : ENGINES.of(engine)));
  const environment = await environmentOf(paths, engines);
  say(`${chosen.length} orchestrators, ${repeats} times each, in ${LENGTH} s or so each`);
  const scratch = makeScratch();
  const programs = new Programs();
  const stage = { built: paths, programs, log: join(scratch, 'coordinator.log') };
  const rows: Run[] = [];
  const beside: Beside[] = [];
  const failed: { orchestrator: string; repeat: number; because: string }[] = [];
  try {
    await warmUp(new Processes(), stage);
    for (let repeat = 1; repeat <= repeats; repeat += 1) {
      for (const orchestrator of rotated(chosen, repeat)) {
        const { name } = orchestrator;
        if (name in unavailable) continue;
        try {
          rows.push(await runOnce(orchestrator, repeat, stage));
          const came = repeat === 1 ? await runBeside(orchestrator, stage) : undefined;
          if (came) beside.push(came);
          say(`${name}: ${repeat} of ${repeats}`);
        } catch (error) {
          const because = messageOf(error);
          if (error instanceof NotAvailable) unavailable[name] = because;
          else failed.push({ orchestrator: name, repeat, because });
          say(`${name}: ${repeat} of ${repeats} FAILED: ${because}`);
        }
      }
    }
  } finally {
    programs.killAll();
    removeScratch(scratch);
  }
  for (const [name, why] of Object.entries(unavailable)) {
    say(`${name}: NOT AVAILABLE here: ${why}`);
  }
  const result = { many: MANY, rows, beside, failed, unavailable, environment };
  const file = keepResult(paths, 'orchestrate', result);
  if (request.json) printJson(result);
  else print([...tableOf(rows), '', ...beside.map(sentenceOf)].join('\n'));
  say(`\nResults: ${file}`);
  return rows.length === 0 || failed.length > 0 ? EXIT.error : EXIT.ok;
}

/** Each goes first as often as the others. */
function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const first = by % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

const OWN_NETWORK = ['--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** Why there can be no network of its own here; undefined where there can. */
function whyNoNetwork(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', [...OWN_NETWORK, 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const why = error?.message ?? stderr.trim().split('\n')[0];
  return `it needs root, for a network of its own: ${why}`;
}

/** The same command in a network that has nothing but loopback, so that what an orchestrator changes of networks is gone with it. */
async function insideOwnNetwork(): Promise<number> {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', [...OWN_NETWORK, ...words], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: 'yes' },
  });
  // A terminal tells both, and what is inside tidies up.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? EXIT.interrupted;
}

function tableOf(rows: readonly Run[]): string[] {
  const header = [
    ...['orchestrator', 'first worker, s', 'round trip, ms', `1 to ${MANY}, s`, 'replaced, s'],
    ...[`${MANY} to 1, s`, 'tasks', 'wrong', 'lost'],
  ];
  const lines = [...new Set(rows.map(({ orchestrator }) => orchestrator))].map((name) => {
    const own = rows.filter(({ orchestrator }) => orchestrator === name);
    const over = (value: (row: Run) => number | null) =>
      shownEstimate(estimateOverLaunches(own.map((row) => value(row) ?? Number.NaN)), 2);
    const sum = (field: 'submitted' | 'wrong' | 'lost') =>
      String(own.reduce((all, { tasks }) => all + tasks[field], 0));
    return [
      ...[name, over((row) => row.first_worker_s), over((row) => row.round_trip_ms)],
      ...[over((row) => row.scale_up_s), over((row) => row.replaced_s)],
      ...[over((row) => row.scale_down_s), sum('submitted'), sum('wrong'), sum('lost')],
    ];
  });
  return alignColumns([header, ...lines]);
}

function sentenceOf({
  orchestrator,
  completed,
  tasks,
  module_exit_code,
  module_s,
}: Beside): string {
  const each = Object.entries(completed).map(([name, count]) => `${name} ${count}`);
  const module =
    module_s === null
      ? ''
      : `; a Pod that is a module ended with ${module_exit_code} after ${module_s.toFixed(1)} s`;
  return `${orchestrator}, side by side: ${each.join(', ')} of ${tasks.submitted} tasks, ${tasks.wrong} wrong, ${tasks.lost} lost${module}`;
}
