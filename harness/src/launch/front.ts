import type { Trial } from '../experiment/plan.js';
import type { Launch, LaunchContext } from './context.js';
import { startCalledWorkers } from './direct.js';
import { frontLimitFlags } from './front_limits.js';
import type { Launched } from './launched.js';
import { type ServerStart, startServerBetween } from './server_between.js';

const NAME = 'matmul-server';

/** Starts workers that are called, and then the HTTP front that calls them, of which clients ask. */
export async function launchFront(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { paths, programs } = context;
  const { workers, addresses, links } = await startCalledWorkers(trial, context, launch);
  const args = frontArguments(trial, addresses);
  const start = ({ port, log, processors }: ServerStart) =>
    programs.start(NAME, paths.server, [...args, '--port', String(port)], log, { processors });
  const kind = { name: NAME, role: 'front', start } as const;
  const { process, address } = await startServerBetween(kind, trial, context, launch);
  return {
    ...workers,
    parts: [process, ...workers.parts],
    loadArguments: ['--server', `http://${address}`],
    server: `http://${address}`,
    links,
    processes: async () => [process, ...(await workers.processes())],
    askWorkers: null,
  };
}

function frontArguments({ cell }: Trial, workers: readonly string[]): string[] {
  const { system, split, verify } = cell;
  return [
    ...['--listen', '127.0.0.1', '--mode', 'distributed', '--transport', system.transport],
    ...['--workers', workers.join(','), '--verify', verify],
    // What a measurement repeats stands for new matrices.
    ...(split === 'none' ? [] : ['--split', split, '--no-reuse']),
    ...frontLimitFlags(cell),
  ];
}
