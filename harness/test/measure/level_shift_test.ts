import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { isShift, type LevelShift, Levels } from '../../src/measure/level_shift.js';
import type { Sample } from '../../src/measure/samples.js';
import { near } from '../stats/near.js';

const WINDOW = { warm_up_s: 1, measured_s: 2, open: false };

function sample(startMs: number, responseMs: number): Sample {
  return {
    stage: 'measured',
    outcome: 'ok',
    error: '',
    worker: 'w1',
    startMs,
    responseMs,
    latenessMs: 0,
    clockErrorMs: 0,
    unaccountedMs: 0,
    phasesMs: [],
  };
}

/** Of a client that asks again at once; the response times scatter by a fifth. */
function shiftOf(responseMs: (atMs: number) => number, window = WINDOW): LevelShift | null {
  const random = seededRandom(7);
  const levels = new Levels(window);
  const endMs = 1000 * (window.warm_up_s + window.measured_s);
  let atMs = 1000 * window.warm_up_s;
  while (atMs < endMs) {
    const ms = responseMs(atMs - 1000 * window.warm_up_s) * (0.8 + 0.4 * random());
    levels.record(sample(atMs, ms));
    atMs += ms;
  }
  return levels.shift();
}

// rpc-tcp at n = 8: fast while client and worker share a core, for the first tenths of a second.
test('a level that changes within the measured time is a shift: when, and by how much', () => {
  const shift = shiftOf((atMs) => (atMs < 150 ? 0.02 : 0.08));
  assert.ok(isShift(shift), JSON.stringify(shift));
  near(shift.at_s, 0.15, 0.021);
  near(shift.ratio, 4, 0.2);
});

test('a steady level has none, and one that changes by 2 % has none that matters', () => {
  assert.equal(isShift(shiftOf(() => 0.05)), false);
  const small = shiftOf((atMs) => (atMs < 1000 ? 1 : 1.02));
  assert.equal(isShift(small), false);
});

test('where there are few samples, nobody can tell', () => {
  assert.equal(
    shiftOf((atMs) => (atMs < 1000 ? 40 : 80)),
    null,
  );
  assert.equal(isShift(null), false);
  assert.equal(isShift(undefined), false);
});

test('a hundred samples are enough to tell a level that doubles', () => {
  const shift = shiftOf((atMs) => (atMs < 1000 ? 13 : 26));
  assert.ok(isShift(shift), JSON.stringify(shift));
  near(shift.at_s, 1, 0.2);
});

test('in an open load it counts when requests were to start', () => {
  const levels = new Levels({ ...WINDOW, open: true });
  for (let i = 0; i < 200; i++) levels.record(sample(1000 + 10 * i, i < 50 ? 1 : 3_000));
  const shift = levels.shift();
  assert.ok(isShift(shift));
  near(shift.at_s, 0.5, 0.05);
});
