import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { type Processors, startedOn } from '../../base/processors.js';
import { waitFor } from '../../base/wait.js';
import { startMs, stopMs } from './deadlines.js';
import { familyCpuSecondsOf, signalGroup } from './proc.js';

/** How a program ended: its exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

/**
 * One program that the harness started, in a process group of its own so that a Ctrl-C in the
 * terminal does not reach it first.
 */
export class Program {
  readonly lines: Interface;
  readonly ended: Promise<Ending>;
  private ending: Ending | undefined;
  /** Whoever started it has told it to end: that it does is no loss. */
  private told = false;

  constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly log: string,
    /** Where in its log it begins: an earlier attempt may have written to it. */
    private readonly logBegin: number,
    /** Of how many that start at once, which decides how long each may take. */
    private readonly of: number,
  ) {
    if (child.stdout === null) throw new Error(`${name}: started without a pipe to its output`);
    this.lines = createInterface({ input: child.stdout });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.ending = code ?? signal ?? 'SIGKILL';
        resolve(this.ending);
      });
    });
    this.ended.catch(() => undefined);
  }

  /** Writes all that a program that was started with `input` gets on its stdin. */
  tell(text: string): void {
    // One that has ended reads nothing, and how it ended says more than that.
    this.child.stdin?.on('error', () => undefined);
    this.child.stdin?.end(text);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** `matmul-worker-2 of 4 (pid 4711)` */
  get title(): string {
    const place = this.of > 1 ? ` of ${this.of}` : '';
    return `${this.name}${place}${this.pid === undefined ? '' : ` (pid ${this.pid})`}`;
  }

  /** The address of the line `listening on HOST:PORT` that the program prints when it is ready. */
  listening(signal: AbortSignal): Promise<string> {
    return this.announced('listening', signal);
  }

  /** The address of the line `metrics on HOST:PORT`, of programs that have another port for them. */
  metricsOn(signal: AbortSignal): Promise<string> {
    return this.announced('metrics', signal);
  }

  private async announced(what: string, signal: AbortSignal): Promise<string> {
    const address = new Promise<string>((resolve, reject) => {
      this.lines.on('line', (line) => {
        const [, said, where] = /^(\w+) on (\S+)$/.exec(line) ?? [];
        if (said === what && where !== undefined) resolve(where);
      });
      this.ended.then(
        (ending) => reject(new Error(this.describeEnding(ending, 'before it listened'))),
        reject,
      );
    });
    return waitFor(address, {
      what: `starting ${this.name}`,
      deadlineMs: startMs(this.of),
      signal,
    });
  }

  /** `coordinator (pid 4711) ended with 1 before it listened: cannot bind 127.0.0.1:80`. */
  describeEnding(ending: Ending, when: string): string {
    const said = readFileSync(this.log).subarray(this.logBegin).toString();
    const lastWords = said.trim().split('\n').at(-1);
    return `${this.title} ended with ${ending} ${when}${lastWords ? `: ${lastWords}` : ''}`;
  }

  /** Processor time used so far, by what it has started, too. Throws when the program has ended. */
  cpuSeconds(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} was never started`);
    return familyCpuSecondsOf(this.child.pid);
  }

  /**
   * Ends the program with SIGTERM, and with SIGKILL when it has not ended in time. Returns how it
   * ended.
   */
  async stop(deadlineMs = stopMs(this.of)): Promise<Ending> {
    this.told = true;
    if (this.ending === undefined) {
      this.signal('SIGTERM');
      // One that is stopped gets it when it goes on.
      this.signal('SIGCONT');
      const killer = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
      await this.ended.finally(() => clearTimeout(killer));
    }
    this.removeEmptyLog();
    return this.ended;
  }

  /** Ends the program at once, and returns how it ended. */
  async kill(): Promise<Ending> {
    this.told = true;
    this.signal('SIGKILL');
    return this.ended;
  }

  get wasToldToEnd(): boolean {
    return this.told;
  }

  get isRunning(): boolean {
    return this.child.pid !== undefined && this.ending === undefined;
  }

  /** Sends the signal to the program and to whatever it started in its group. */
  signal(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined && this.ending === undefined)
      signalGroup(this.child.pid, name);
  }

  /** Sends it to the program alone. */
  signalAlone(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined && this.ending === undefined) this.child.kill(name);
  }

  private removeEmptyLog(): void {
    if (statSync(this.log, { throwIfNoEntry: false })?.size === 0) rmSync(this.log);
  }
}

/**
 * Should the harness be killed without time to tidy up, the kernel ends the program; should it have
 * been killed before the kernel was asked to, the program does not start. Takes the harness's process
 * id and a command.
 */
const WITH_HARNESS = [
  ...['--pdeathsig', 'KILL', '--'],
  ...['sh', '-c', 'test "$PPID" = "$0" && exec "$@"'],
];

interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Of how many that start at once. */
  readonly of?: number;
  /** It gets something on its stdin; else there is nothing on it. */
  readonly input?: boolean;
  /** On which it may run. Default: all. */
  readonly processors?: Processors;
}

/** Starts programs and knows those that run, so that none outlives the harness. */
export class Programs {
  /** Process groups. */
  private readonly running = new Set<number>();

  /** Starts a program; what it writes to stderr goes to the file `log`. */
  start(
    name: string,
    command: string,
    args: readonly string[],
    log: string,
    { env = process.env, of = 1, input = false, processors = null }: StartOptions = {},
  ): Program {
    const stderr = openSync(log, 'a');
    const logBegin = fstatSync(stderr).size;
    const placed = startedOn(processors, [command, ...args]);
    const child = spawn('setpriv', [...WITH_HARNESS, String(process.pid), ...placed], {
      detached: true,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', stderr],
      env,
    });
    closeSync(stderr);
    const program = new Program(name, child, log, logBegin, of);
    if (child.pid !== undefined) this.adopt(child.pid, program.ended);
    return program;
  }

  /** Takes note of a process group that something else started, until it has ended. */
  adopt(group: number, ended: Promise<unknown>): void {
    this.running.add(group);
    const forget = () => this.running.delete(group);
    ended.then(forget, forget);
  }

  /** Kills everything that runs, without waiting: the last thing before the harness itself ends. */
  killAll(): void {
    for (const group of this.running) signalGroup(group, 'SIGKILL');
  }
}
