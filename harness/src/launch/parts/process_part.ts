import type { Losses } from './losses.js';
import { type Part, Readiness, type Role } from './part.js';
import type { Ending, Program } from './processes.js';
import type { Watched } from './watched.js';

/** Ports that a program has announced; 0 before: any that is free. */
export interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

/** What a process is to its launch, and how to start it: once for each of its lives. */
export interface ProcessKind {
  readonly name: string;
  readonly role: Role;
  readonly workerId: string | null;
  readonly start: (ports: Ports) => Program;
  readonly losses: Losses;
  readonly signal: AbortSignal;
}

/** A program of a system. It is watched: when it ends unasked, that is a loss. */
export class ProcessPart implements Part, Watched {
  private program: Program;
  private ports: Ports = { port: 0, metricsPort: 0 };
  readonly ready = new Readiness();
  /** Processor seconds of its earlier lives. */
  private spentS = 0;
  isPaused = false;

  constructor(private readonly kind: ProcessKind) {
    this.program = kind.start(this.ports);
    kind.losses.watch(this.program);
  }

  get name(): string {
    return this.kind.name;
  }

  get role(): Role {
    return this.kind.role;
  }

  get workerId(): string | null {
    return this.kind.workerId;
  }

  /** The process that it is now, as Watched has it. */
  get what(): string {
    return this.program.title;
  }

  get pid(): number | undefined {
    return this.program.pid;
  }

  /** The address on which it listens, and that of its metrics where it has another port for them. */
  async listening({ withMetrics }: { withMetrics: boolean }): Promise<Addresses> {
    const { signal } = this.kind;
    const [address, metrics] = await Promise.all([
      this.program.listening(signal),
      withMetrics ? this.program.metricsOn(signal) : null,
    ]);
    this.ports = { port: portOf(address), metricsPort: metrics === null ? 0 : portOf(metrics) };
    return { address, metrics: metrics ?? address };
  }

  async cpuSeconds(): Promise<number> {
    const { isRunning, wasToldToEnd } = this.program;
    return this.spentS + (!isRunning && wasToldToEnd ? 0 : this.program.cpuSeconds());
  }

  async pause(): Promise<void> {
    this.isPaused = true;
    this.program.signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.program.signal('SIGCONT');
    this.isPaused = false;
  }

  /** Of a worker program that was started as corruptible: from now on its products are wrong. */
  corrupt(): void {
    this.program.signalAlone('SIGUSR1');
  }

  /** Returns how it ended. */
  stop(): Promise<Ending> {
    return this.program.stop();
  }

  async kill(): Promise<void> {
    this.noteProcessorTime();
    await this.program.kill();
  }

  async restart(): Promise<void> {
    this.noteProcessorTime();
    await this.program.stop();
    this.isPaused = false;
    this.program = this.kind.start(this.ports);
    this.kind.losses.watch(this.program);
    const { port, metricsPort } = this.ports;
    if (port !== 0) await this.listening({ withMetrics: metricsPort !== 0 });
  }

  private noteProcessorTime(): void {
    if (this.program.isRunning) this.spentS += this.program.cpuSeconds();
  }
}

export interface Addresses {
  readonly address: string;
  readonly metrics: string;
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
