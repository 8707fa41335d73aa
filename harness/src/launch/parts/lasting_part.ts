import { type Part, Readiness } from './part.js';
import { familyCpuSecondsOf } from './proc.js';

/** What does a part of the workers' work and is there before and after a launch, as a daemon of containers is: it is only counted. */
export class LastingPart implements Part {
  readonly role = 'workers';
  readonly workerId = null;
  readonly ready = new Readiness();

  constructor(private readonly pid: number) {
    this.ready.reached();
  }

  get name(): string {
    return `process ${this.pid}`;
  }

  async cpuSeconds(): Promise<number> {
    return familyCpuSecondsOf(this.pid);
  }

  pause = this.isNotOfTheLaunch;
  resume = this.isNotOfTheLaunch;
  stop = this.isNotOfTheLaunch;
  kill = this.isNotOfTheLaunch;
  restart = this.isNotOfTheLaunch;

  private async isNotOfTheLaunch(): Promise<void> {
    throw new Error(`${this.name} goes on when the trial has ended`);
  }
}
