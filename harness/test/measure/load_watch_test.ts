import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, cellsOf } from '../../src/experiment/cells.js';
import { LoadWatch } from '../../src/measure/load_watch.js';
import { EXPERIMENT } from '../examples.js';

const [CELL] = cellsOf(EXPERIMENT) as [Cell];

/** A load of which the caller says what its tasks do, on a clock of the test's own. */
class Load {
  readonly watch: LoadWatch;
  private nowMs = 0;
  private windowBeganMs = 0;

  constructor(private readonly cell: Partial<Cell>) {
    this.watch = new LoadWatch({ ...CELL, split: 'none', serviceMs: 0, ratePerS: null, ...cell });
  }

  /** So many tasks have ended in the warm-up when it has taken so long. */
  warmUp(samples: number, lastedMs: number): this {
    this.nowMs = lastedMs;
    const event = { event: 'warm-up', elapsed_s: lastedMs / 1000, steady_workers: 1 } as const;
    this.watch.note({ ...event, samples }, this.nowMs);
    this.windowBeganMs = this.nowMs;
    return this;
  }

  /** Reports every half second, as the load generator does, and says what was told by the end. */
  measure(untilMs: number, responseMs: number, samplesAt: (ms: number) => number) {
    const told: string[] = [];
    for (;;) {
      const ms = this.nowMs - this.windowBeganMs + 500;
      if (ms > untilMs) return told;
      this.nowMs += 500;
      const samples = samplesAt(ms);
      const elapsed_s = Math.min(ms, this.windowMs) / 1000;
      const mean_response_ms = samples > 0 ? responseMs : null;
      const throughput_per_s = samples / elapsed_s;
      this.watch.note(
        { event: 'progress', elapsed_s, samples, throughput_per_s, mean_response_ms },
        this.nowMs,
      );
      const hangs = this.watch.look(this.nowMs);
      if (hangs !== undefined) told.push(hangs);
    }
  }

  endWindow(samples: number): void {
    const elapsed_s = this.windowMs / 1000;
    this.watch.note({ event: 'window-end', elapsed_s, samples }, this.nowMs);
  }

  /** Hears nothing for so long. */
  wait(ms: number): string | undefined {
    this.nowMs += ms;
    return this.watch.look(this.nowMs);
  }

  private get windowMs(): number {
    return this.cell.ratePerS == null ? Number.POSITIVE_INFINITY : 6000;
  }
}

test('requests of a closed load that end no more are told after ten times what one takes', () => {
  const load = new Load({ workers: 2, inFlight: 2 }).warmUp(40, 8000);
  const told = load.measure(9000, 400, (ms) => Math.min(10, Math.floor(ms / 200)));
  assert.equal(told[0], 'no request has ended for 4.5 s, though one takes 400 ms');
});

test('requests in flight may end after the window, in which nothing is told', () => {
  const load = new Load({ workers: 1, inFlight: 8, serviceMs: 1000 }).warmUp(2, 2200);
  assert.deepEqual(
    load.measure(6000, 8800, (ms) => Math.floor(ms / 1100)),
    [],
  );
  load.endWindow(5);
  // Eight tasks, each after the other, of which each may take six seconds before it is silent.
  assert.equal(load.wait(8800), undefined);
  assert.equal(load.wait(69_000), undefined);
  assert.match(load.wait(5000) ?? '', /^the load did not end within 82\.8 s after its window/);
});

test('many more requests in flight than workers may take as long as they need to end', () => {
  const load = new Load({ workers: 2, inFlight: 1000 }).warmUp(100, 25_000);
  assert.deepEqual(
    load.measure(10_000, 250_000, (ms) => Math.floor(ms / 250)),
    [],
  );
  load.endWindow(40);
  assert.equal(load.wait(250_000), undefined);
});

test('long tasks that end together as the window begins are not taken for short ones', () => {
  const load = new Load({ workers: 8, inFlight: 8 }).warmUp(80, 100_000);
  assert.deepEqual(
    load.measure(12_000, 10_000, (ms) => (ms < 10_000 ? 7 : 15)),
    [],
  );
});

test('what an open load tells after its window does not make its tasks shorter', () => {
  const load = new Load({ workers: 1, inFlight: null, ratePerS: 1 }).warmUp(10, 100_000);
  load.measure(6000, 10_000, () => 0);
  load.endWindow(0);
  // Six arrivals of the window end one after the other; the elapsed time stays that of the window.
  load.measure(60_000, 35_000, (ms) => Math.floor(ms / 10_000));
  assert.ok(load.watch.typicalMs >= 10_000, String(load.watch.typicalMs));
});

test('an open load at a low rate, polling workers and few requests for many workers are not silent', () => {
  const rare = new Load({ workers: 1, inFlight: null, ratePerS: 0.1 }).warmUp(10, 100);
  assert.deepEqual(
    rare.measure(6000, 10, () => 0),
    [],
  );
  const polling = { ...CELL.system, dispatch: 'poll' } as const;
  const asked = new Load({ workers: 4, inFlight: 1, system: polling }).warmUp(4, 8000);
  assert.deepEqual(
    asked.measure(20_000, 2010, (ms) => Math.floor(ms / 2500)),
    [],
  );
  const split = new Load({ workers: 8, inFlight: 1, split: 'rows' }).warmUp(10, 9000);
  assert.deepEqual(
    split.measure(20_000, 900, (ms) => Math.floor(ms / 900)),
    [],
  );
});

test('before a task has ended, nothing is said of how long one may take', () => {
  const load = new Load({ workers: 1, inFlight: 1 }).warmUp(0, 10_000);
  assert.deepEqual(
    load.measure(60_000, 0, () => 0),
    [],
  );
});

test('a load generator that reports late is not a load that is silent', () => {
  const load = new Load({ workers: 1, inFlight: 1 }).warmUp(100, 1000);
  load.measure(2000, 10, (ms) => ms / 10);
  assert.equal(load.wait(10_000), undefined);
});
