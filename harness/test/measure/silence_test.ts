import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerState } from '../../src/launch/coordinator.js';
import { longestSilenceMs, SilenceWatch } from '../../src/measure/silence.js';

const SHORT = { serviceMs: 0, system: { dispatch: 'long-poll' } };

test('how long a worker may be silent follows from the work', () => {
  assert.equal(longestSilenceMs(12, SHORT), 3000);
  assert.equal(longestSilenceMs(900, SHORT), 9000);
  assert.equal(longestSilenceMs(1005, { ...SHORT, serviceMs: 1000 }), 6000);
  assert.equal(longestSilenceMs(2010, { ...SHORT, system: { dispatch: 'poll' } }), 9000);
});

const worker = (state: WorkerState['state'], completed: number, lastSeenMs = 0): WorkerState => ({
  workerId: 'w1',
  state,
  completed,
  lastSeenMs,
});

/** What is told at the end of looks at these moments. */
function follow(...looks: [nowMs: number, seen: WorkerState][]): string[] {
  const watch = new SilenceWatch();
  return looks.map(([nowMs, seen]) => watch.look([seen], nowMs, 12, 2000)).at(-1) ?? [];
}

test('a worker that holds a task and completes none is dead in the end', () => {
  const looks = (last: number): [number, WorkerState][] =>
    [0, 1000, last].map((nowMs) => [nowMs, worker('working', 7)]);
  assert.deepEqual(follow(...looks(2000)), []);
  assert.deepEqual(follow(...looks(2100)), [
    'worker w1 has held tasks for 2.1 s and completed none, though one takes 12 ms',
  ]);
});

test('a worker that completes tasks, or waited for one in between, lives', () => {
  const busy: [number, WorkerState][] = [0, 1, 2, 3, 4].map((i) => [
    i * 1900,
    worker('working', i),
  ]);
  assert.deepEqual(follow(...busy), []);
  // Of an open load at a low rate: a long poll was answered now and then, seen long ago.
  const idle: [number, WorkerState][] = [
    [0, worker('working', 7, 20_000)],
    [1000, worker('asking', 7, 20_000)],
    [2500, worker('working', 7, 20_000)],
    [4000, worker('working', 8, 20_000)],
  ];
  assert.deepEqual(follow(...idle), []);
});

test('a worker that is not heard of any more is dead, whatever the load', () => {
  assert.deepEqual(follow([0, worker('silent', 7, 5100)]), [
    'worker w1 has neither asked for a task nor held one for 5.1 s',
  ]);
  const watch = new SilenceWatch();
  assert.deepEqual(watch.look([worker('silent', 7, 5100)], 0, 900, 9000), []);
});
