import { randomInt } from 'node:crypto';
import { messageOf } from '../base/errors.js';

/** What became of tasks. */
export interface Tally {
  readonly submitted: number;
  /** With the right product. */
  readonly right: number;
  readonly wrong: number;
  /** Neither, when they had had LIMIT_MS. */
  readonly lost: number;
  /** Why the first of those was. */
  readonly because?: string;
}

/** How long a task may take: a worker that dies with it may hold it for as long as a lease lasts. */
const LIMIT_MS = 30_000;

/** After one that was lost. */
const PAUSE_MS = 100;

interface Answer {
  readonly status?: string;
  readonly result?: string;
  readonly error?: string;
}

/** Tasks for a coordinator, one after another from each of some clients, until it is stopped. Every product is checked. */
export class TaskStream {
  private isOver = false;
  private readonly counts = { submitted: 0, right: 0, wrong: 0, lost: 0 };
  private because: string | undefined;
  private readonly clients: readonly Promise<void>[];
  private readonly tookMs: number[] = [];

  constructor(
    private readonly coordinator: string,
    clients: number,
  ) {
    this.clients = Array.from({ length: clients }, () => this.submit());
  }

  /** Returns when the tasks that were submitted have ended. */
  async stop(): Promise<Tally> {
    this.isOver = true;
    await Promise.all(this.clients);
    const { because } = this;
    return { ...this.counts, ...(because !== undefined && { because }) };
  }

  /** Milliseconds from submission to product, of each so far. */
  get times(): readonly number[] {
    return this.tookMs;
  }

  private async submit(): Promise<void> {
    while (!this.isOver) {
      const [a, b] = [randomMatrix(), randomMatrix()];
      const began = performance.now();
      this.counts.submitted += 1;
      const came = await this.ask(JSON.stringify({ A: JSON.stringify(a), B: JSON.stringify(b) }));
      this.tookMs.push(performance.now() - began);
      if (came.result === undefined) {
        this.lose(came.because);
        // Nobody may be there.
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      } else if (came.result === JSON.stringify(productOf(a, b))) {
        this.counts.right += 1;
      } else {
        this.counts.wrong += 1;
      }
    }
  }

  /** The product as text, or why there is none. */
  private async ask(
    body: string,
  ): Promise<{ readonly result: string } | { readonly result?: undefined; because: string }> {
    try {
      const url = `${this.coordinator}/task?wait=${LIMIT_MS}`;
      const response = await fetch(url, { method: 'POST', body });
      const { status, result, error } = (await response.json()) as Answer;
      if (status === 'completed') return { result: result ?? '' };
      return { because: `status ${response.status}: ${status ?? ''} ${error ?? ''}`.trim() };
    } catch (error) {
      return { because: messageOf(error) };
    }
  }

  private lose(because: string): void {
    this.counts.lost += 1;
    this.because ??= because;
  }
}

const N = 8;

function randomMatrix(): number[][] {
  return Array.from({ length: N }, () => Array.from({ length: N }, () => randomInt(100)));
}

function productOf(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row) => b.map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0)));
}
