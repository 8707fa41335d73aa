import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import type { Orchestrator } from './orchestrator.js';

/** How long a worker may take to end. */
const GRACE_MS = 5_000;

/** Nobody but this process: what orchestrators are compared with. */
export class Processes implements Orchestrator {
  readonly name = 'processes';
  readonly needs = [];
  readonly replaces = false;
  readonly changesNetworks = false;
  private command: readonly string[] = [];
  private running: ChildProcess[] = [];

  async open({ bin }: Built, coordinator: string): Promise<void> {
    this.command = [join(bin, 'swarm-worker'), '--coordinator', coordinator, '--dispatch', 'push'];
  }

  async scale(workers: number): Promise<void> {
    const alive = this.running.filter(
      ({ exitCode, signalCode }) => (exitCode ?? signalCode) === null,
    );
    while (alive.length < workers) {
      const words = ['--pdeathsig', 'KILL', '--', ...this.command];
      alive.push(spawn('setpriv', words, { stdio: 'ignore' }));
    }
    const others = alive.splice(workers);
    this.running = alive;
    await Promise.all(others.map(end));
  }

  workers(): readonly number[] {
    return this.running.flatMap(({ pid, exitCode, signalCode }) =>
      pid !== undefined && (exitCode ?? signalCode) === null ? [pid] : [],
    );
  }

  close(): Promise<void> {
    return this.scale(0);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(killer);
}
