/** Runs ./run-experiment's program as a user would, and sees what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessWatch } from '../machine.js';
import { MAIN } from '../places.js';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One start of the harness, with a folder for its results and another for its temporary files. */
export class HarnessRun {
  ended: Promise<Ended> = Promise.reject(new Error('it was not started'));
  readonly folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  readonly results = join(this.folder, 'results');
  private readonly temporary = mkdtempSync(join(this.folder, 'tmp-'));
  private readonly watch = new ProcessWatch(`ENXAME_TEST_MARK=${this.folder}`);
  private child: ChildProcess | undefined;
  private stderr = '';

  /** Starts it with these arguments; a run is put into `results`. */
  constructor(...args: string[]) {
    this.ended.catch(() => undefined);
    if (args.length > 0) this.start(...args, ...(takesOut(args) ? ['--out', this.results] : []));
  }

  /** Has the folders ready, for a start that needs a file in them. */
  static prepare(): HarnessRun {
    return new HarnessRun();
  }

  start(...args: string[]): void {
    const env = { ...process.env, TMPDIR: this.temporary, ENXAME_TEST_MARK: this.folder };
    // A process group of its own, to which a Ctrl-C can be sent as a terminal sends it.
    const child = spawn(process.execPath, [MAIN, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      this.stderr += data;
    });
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, stdout, stderr: this.stderr });
      });
    });
  }

  /** Returns when `text` was written to stderr, or the harness has ended. */
  async says(text: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const look = () => {
        if (this.stderr.includes(text)) resolve();
      };
      this.child?.stderr?.on('data', look);
      look();
    });
    await Promise.race([said, this.ended]);
  }

  /** Returns when one of its processes has a command line that matches; fails when none has come to that. */
  async runs(command: RegExp): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    await eventually(
      () => over || this.processes().some((line) => command.test(line)),
      () => `no process ${command} among:\n${this.processes().join('\n')}\n${this.stderr}`,
    );
    if (over) throw new Error(`it ended without a process ${command}:\n${this.stderr}`);
  }

  /** What it has written to stderr so far. */
  get saidSoFar(): string {
    return this.stderr;
  }

  /** Sends a signal to the whole process group, as a terminal does. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-(this.child?.pid ?? Number.NaN), name);
  }

  /** Command lines of the processes that it started, itself included, and that still run. */
  processes(): string[] {
    return this.watch.find();
  }

  /** What lies in its temporary folder. */
  temporaryFiles(): string[] {
    return readdirSync(this.temporary);
  }

  /** The one folder in its results. */
  runFolder(): string {
    const names = readdirSync(this.results);
    if (names.length !== 1) throw new Error(`expected one run in ${this.results}: ${names}`);
    return join(this.results, names[0] ?? '');
  }

  remove(): void {
    this.watch.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for what cannot signal, a minute at most; `describe` says then what there is instead. */
export async function eventually(holds: () => boolean, describe: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(describe());
    await sleep(50);
  }
}

/** Commands that look at a run do not make one. */
function takesOut([command = '']: readonly string[]): boolean {
  return !['resume', 'report', 'verify', 'compare', 'list'].includes(command);
}
