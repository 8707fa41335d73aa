import { messageOf } from '../base/errors.js';
import type { Processors } from '../base/processors.js';
import { waitFor } from '../base/wait.js';
import type { Cell } from '../experiment/cells.js';
import type { Connections } from '../experiment/systems.js';
import type { Program, Programs } from './parts/processes.js';

/** For an answer that needs no waiting; where it does not come in time, it is asked again. */
const ASK_PATIENCE_MS = 2_000;

/** The coordinator lets nobody wait for longer. */
const LONGEST_WAIT_MS = 60_000;

/** What a coordinator tells of one worker. */
export interface WorkerState {
  readonly workerId: string;
  /** `silent`: it neither asks nor holds a task, and has not been heard of for 5 s. */
  readonly state: 'asking' | 'working' | 'silent';
  readonly lastSeenMs: number;
  readonly completed: number;
}

/** What a coordinator is started with. */
export interface CoordinatorOptions {
  /** The folder of the pages that it serves. */
  readonly site: string;
  /** Connections at a time. */
  readonly room: number;
  /** Whether a connection serves one request or many. */
  readonly connections: Connections;
  /** Default: any that is free. */
  readonly port?: number;
  /** For how long a worker may hold a task, in seconds. Default: as it has it by itself. */
  readonly leaseS?: number;
  /** How often it hands a task out before that fails. Default: as it has it by itself. */
  readonly attempts?: number;
  /** Which products it verifies. Default: none. */
  readonly verify?: Cell['verify'];
  /** Its journal, and how that is synchronised. Default: it keeps none. */
  readonly journal?: { readonly folder: string; readonly sync: string };
  /** Flags for larger bodies and tasks than it takes by itself. */
  readonly sizes?: readonly string[];
  /** On which it runs. Default: all. */
  readonly processors?: Processors;
}

/** A coordinator of this trial's own, and what the harness asks it. */
export class Coordinator {
  constructor(readonly url: string) {}

  /** That of a program that was just started, once it listens. */
  static async ready(program: Program, signal: AbortSignal): Promise<Coordinator> {
    return new Coordinator(`http://${await program.listening(signal)}`);
  }

  static start(
    programs: Programs,
    command: string,
    {
      site,
      room,
      connections,
      port = 0,
      leaseS,
      attempts,
      verify = 'off',
      journal,
      sizes = [],
      processors = null,
    }: CoordinatorOptions,
    log: string,
  ): Program {
    const args = [
      ...['--listen', '127.0.0.1', '--port', String(port), '--site', site],
      ...['--max-connections', String(room), '--connections', connections],
      ...['--verify', verify],
      ...(journal === undefined
        ? []
        : ['--journal', journal.folder, '--journal-sync', journal.sync]),
      ...(leaseS === undefined ? [] : ['--lease', `${leaseS}s`]),
      ...(attempts === undefined ? [] : ['--attempts', String(attempts)]),
      ...sizes,
    ];
    return programs.start('coordinator', command, args, log, { processors });
  }

  /**
   * The start barrier: returns when `count` workers have asked for work, throws an Error that says
   * how many did when they do not within `deadlineMs`.
   */
  async waitForWorkers(count: number, deadlineMs: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + deadlineMs;
    let asking = 0;
    for (let leftMs = deadlineMs; leftMs > 0; leftMs = end - performance.now()) {
      const waitMs = Math.ceil(Math.min(leftMs, LONGEST_WAIT_MS));
      const workers = await waitFor(this.ask(`?count=${count}&wait=${waitMs}`, signal), {
        what: `waiting for ${count} workers at ${this.url}`,
        deadlineMs: waitMs + 5_000,
        signal,
      });
      asking = workers.filter(({ state }) => state !== 'silent').length;
      if (asking >= count) return;
    }
    throw new Error(`${asking} of ${count} workers asked for work within ${deadlineMs / 1000} s`);
  }

  /**
   * When each of `count` workers was first seen to have asked for work, by performance.now(): of all
   * of them, or of those that had when `signal` was aborted. Does not throw: whoever waits for the
   * workers does.
   */
  async noteArrivals(count: number, signal: AbortSignal): Promise<Map<string, number>> {
    const arrivals = new Map<string, number>();
    try {
      while (arrivals.size < count) {
        // Answered as soon as there is one more.
        const query = `?count=${arrivals.size + 1}&wait=${LONGEST_WAIT_MS}`;
        const workers = await this.ask(query, signal);
        const nowMs = performance.now();
        for (const { workerId, state } of workers) {
          // One that is silent from the start is there, and has not asked yet.
          if (state !== 'silent' && !arrivals.has(workerId)) arrivals.set(workerId, nowMs);
        }
      }
    } catch {
      // It was aborted, or the coordinator has ended, which is told by its end.
    }
    return arrivals;
  }

  /** What each worker does now. Throws an Error when the coordinator does not say it at once. */
  askWorkers(signal: AbortSignal): Promise<readonly WorkerState[]> {
    return this.ask('', AbortSignal.any([signal, AbortSignal.timeout(ASK_PATIENCE_MS)]));
  }

  private async ask(query: string, signal: AbortSignal): Promise<readonly WorkerState[]> {
    const url = `${this.url}/workers${query}`;
    const response = await fetch(url, { signal }).catch((error: unknown) => {
      throw new Error(`GET ${url} failed: ${messageOf(error)}`);
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`GET ${url} was answered with status ${response.status}: ${text}`);
    return (JSON.parse(text) as { workers: WorkerState[] }).workers;
  }
}
