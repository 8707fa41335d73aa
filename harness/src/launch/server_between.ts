import type { Processors } from '../base/processors.js';
import { placementOf } from '../experiment/placement.js';
import type { Trial } from '../experiment/plan.js';
import { handOn, type Launch, type LaunchContext, logOf, stopProgram } from './context.js';
import { type Ports, ProcessPart } from './parts/process_part.js';
import type { Program } from './parts/processes.js';

/** How the server between the client and the workers of a trial is started. */
export interface ServerKind {
  /** Of its process and its log. */
  readonly name: string;
  readonly role: 'coordinator' | 'front';
  readonly start: (how: ServerStart) => Program;
}

export interface ServerStart {
  /** 0: any that is free. */
  readonly port: number;
  readonly log: string;
  readonly processors: Processors;
}

/** Starts the server and waits until it listens. */
export async function startServerBetween(
  { name, role, start }: ServerKind,
  trial: Trial,
  context: LaunchContext,
  { teardown, endings, losses }: Launch,
): Promise<{ process: ProcessPart; address: string }> {
  const { logs, signal, processors: among } = context;
  const processors = placementOf(trial.cell.pin, among).between;
  const log = logOf(logs, trial, name);
  const process = new ProcessPart({
    ...{ name, role, workerId: null, losses, signal },
    start: ({ port }: Ports) => start({ port, log, processors }),
  });
  teardown.add(`the ${role}`, () => stopProgram(process, endings));
  const { address } = await process.listening({ withMetrics: false });
  process.ready.reached();
  handOn(role, [address], trial, context, teardown);
  return { process, address };
}
