import type { Trial } from '../experiment/plan.js';
import { handOn, type Launch, type LaunchContext, logOf, stopProgram } from './context.js';
import { startCalledWorkers } from './direct.js';
import { frontLimitFlags } from './front_limits.js';
import type { Launched } from './launched.js';
import { type Ports, ProcessPart } from './parts/process_part.js';

const NAME = 'matmul-server';

/** Starts workers that are called, and then the HTTP front that calls them, of which clients ask. */
export async function launchFront(
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<Launched> {
  const { workers, addresses } = await startCalledWorkers(trial, context, launch);
  const { front, address } = await startFront(addresses, trial, context, launch);
  return {
    ...workers,
    parts: [front, ...workers.parts],
    loadArguments: ['--server', `http://${address}`],
    processes: async () => [front, ...(await workers.processes())],
    askWorkers: null,
  };
}

async function startFront(
  workers: readonly string[],
  trial: Trial,
  { paths, programs, logs, signal, relay }: LaunchContext,
  { teardown, endings, losses }: Launch,
): Promise<{ front: ProcessPart; address: string }> {
  const args = frontArguments(trial, workers);
  const log = logOf(logs, trial, NAME);
  const start = ({ port }: Ports) =>
    programs.start(NAME, paths.server, [...args, '--port', String(port)], log);
  const front = new ProcessPart({
    ...{ name: NAME, role: 'front', workerId: null },
    ...{ start, losses, signal },
  });
  teardown.add('the front', () => stopProgram(front, endings));
  const { address } = await front.listening({ withMetrics: false });
  front.ready.reached();
  handOn('front', [address], trial, relay, teardown);
  return { front, address };
}

function frontArguments({ cell }: Trial, workers: readonly string[]): string[] {
  const { system, split } = cell;
  return [
    ...['--listen', '127.0.0.1', '--mode', 'distributed', '--transport', system.transport],
    ...['--workers', workers.join(',')],
    // What a measurement repeats stands for new matrices.
    ...(split === 'none' ? [] : ['--split', split, '--no-reuse']),
    ...frontLimitFlags(cell),
  ];
}
