import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockNotes, elapsedBetween, readClocks } from '../../src/base/clocks.js';

const BEGIN = { wallMs: Date.UTC(2025, 0, 1), monotonicMs: 5000, bootMs: 9000 };

/** What is told of 10 s by the monotonic clock, in which the others moved by so much more. */
function after10s(more: { wallMs?: number; bootMs?: number }) {
  return elapsedBetween(BEGIN, {
    wallMs: BEGIN.wallMs + 10_000 + (more.wallMs ?? 0),
    monotonicMs: BEGIN.monotonicMs + 10_000,
    bootMs: BEGIN.bootMs + 10_000 + (more.bootMs ?? 0),
  });
}

test('clocks that agree, but for rounding and drift, have nothing to tell', () => {
  const elapsed = after10s({ wallMs: 40, bootMs: -10 });
  assert.equal(elapsed.tookS, 10);
  assert.equal(elapsed.clockJumpS, 0);
  assert.equal(elapsed.suspendedS, 0);
  assert.equal(elapsed.endedAt.getTime() - elapsed.startedAt.getTime(), 10_000);
  assert.deepEqual(clockNotes(elapsed), []);
});

for (const seconds of [-3600, 3600, -1, 1]) {
  test(`a clock that is set by ${seconds} s moves no end before its start, and is told`, () => {
    const elapsed = after10s({ wallMs: seconds * 1000 });
    assert.equal(elapsed.tookS, 10);
    assert.equal(elapsed.endedAt.toISOString(), '2025-01-01T00:00:10.000Z');
    assert.equal(elapsed.clockJumpS, seconds);
    const way = seconds < 0 ? 'back' : 'forward';
    assert.deepEqual(clockNotes(elapsed), [`the clock was set ${way} by ${Math.abs(seconds)} s`]);
  });
}

test('a machine that slept did not work in that time, and it is told', () => {
  const elapsed = after10s({ wallMs: 60_000, bootMs: 60_000 });
  assert.equal(elapsed.tookS, 10);
  assert.equal(elapsed.suspendedS, 60);
  assert.equal(elapsed.clockJumpS, 0);
  assert.equal(elapsed.endedAt.toISOString(), '2025-01-01T00:01:10.000Z');
  assert.deepEqual(clockNotes(elapsed), ['the machine was suspended for 60 s']);
});

test("the machine's own clocks agree over a while", async () => {
  const begin = readClocks();
  await new Promise((resolve) => setTimeout(resolve, 700));
  const elapsed = elapsedBetween(begin, readClocks());
  assert.ok(elapsed.tookS >= 0.69, `${elapsed.tookS}`);
  assert.deepEqual(clockNotes(elapsed), []);
});
