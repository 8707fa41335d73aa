import { messageOf } from '../errors.js';
import type { Connections } from '../experiment/systems.js';
import { waitFor } from '../wait.js';
import type { Program, Programs } from './processes.js';

/** How long the workers of one trial may take to ask for their first task. */
const WORKERS_DEADLINE_MS = 60_000;

/** What a coordinator is started with. */
export interface CoordinatorOptions {
  /** The folder of the pages that it serves. */
  readonly site: string;
  /** Connections at a time. */
  readonly room: number;
  /** Whether a connection serves one request or many. */
  readonly connections: Connections;
}

/** A coordinator of this trial's own, and what the harness asks it. */
export class Coordinator {
  private constructor(
    readonly program: Program,
    readonly url: string,
  ) {}

  /** Wraps a program that was just started, once it listens. */
  static async ready(program: Program, signal: AbortSignal): Promise<Coordinator> {
    return new Coordinator(program, `http://${await program.listening(signal)}`);
  }

  static start(
    programs: Programs,
    command: string,
    { site, room, connections }: CoordinatorOptions,
    log: string,
  ): Program {
    const args = [
      ...['--listen', '127.0.0.1', '--port', '0', '--site', site],
      ...['--max-connections', String(room), '--connections', connections],
    ];
    return programs.start('coordinator', command, args, log);
  }

  /**
   * The start barrier: returns when `count` workers have asked for work, throws an Error that says
   * how many did when they do not.
   */
  async waitForWorkers(count: number, signal: AbortSignal): Promise<void> {
    const url = `${this.url}/workers?count=${count}&wait=${WORKERS_DEADLINE_MS}`;
    const asking = await waitFor(countWorkers(url, signal), {
      what: `waiting for ${count} workers at ${this.url}`,
      deadlineMs: WORKERS_DEADLINE_MS + 5_000,
      signal,
    });
    if (asking < count) {
      throw new Error(
        `${asking} of ${count} workers asked for work within ${WORKERS_DEADLINE_MS / 1000} s`,
      );
    }
  }
}

async function countWorkers(url: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    throw new Error(`GET ${url} failed: ${messageOf(error)}`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${url} was answered ${response.status}: ${text}`);
  const { workers } = JSON.parse(text) as { workers: { state: string }[] };
  return workers.filter((worker) => worker.state === 'asking' || worker.state === 'working').length;
}
