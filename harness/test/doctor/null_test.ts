import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeNull } from '../../src/doctor/null.js';
import { seededRandom } from '../../src/experiment/random.js';
import { launchOf, makeRow } from '../examples.js';

/** Sixty launches of a cell; those of even blocks, which are one side, take `factor` times as long. */
function launches(factor: number) {
  const random = seededRandom(9);
  return Array.from({ length: 60 }, (_, i) => {
    const noise = 1 + 0.02 * (random() + random() + random() - 1.5);
    const ms = 4 * noise * (i % 2 === 1 ? factor : 1);
    const results = {
      median_response_ms: ms,
      p95_response_ms: 2 * ms,
      throughput_per_s: 1000 / ms,
    };
    return launchOf(makeRow({ launch: i + 1 }, results));
  });
}

test('the same with the same: hardly ever a difference, and the smallest that could be found', () => {
  const { real, simulated, smallest } = judgeNull(launches(1), 3, 1);
  assert.equal(real.comparisons, 10);
  assert.equal(simulated.comparisons, 1000);
  assert.ok(real.false <= 1, `${real.false} of 10`);
  assert.ok(simulated.false <= 50, `${simulated.false} of 1000`);
  assert.equal(smallest.length, 3);
  for (const { ratio = 0, ratioWithAll = 0 } of smallest) {
    assert.ok(ratioWithAll > 1.001 && ratioWithAll < 1.02, String(ratioWithAll));
    assert.ok(ratio > ratioWithAll);
  }
});

/** Sixty blocks of a duet: what the machine does is in both, twenty times as much as what is not. */
function duet(factor: number) {
  const random = seededRandom(5);
  const noise = (size: number) => 1 + size * (random() + random() + random() - 1.5);
  return Array.from({ length: 60 }, (_, i) => {
    const machine = noise(0.4);
    return ['rpc-tcp w1', 'rpc-tcp-again w1'].map((cell, side) => {
      const ms = 4 * machine * noise(0.02) * (side === 0 ? 1 : factor);
      const results = {
        median_response_ms: ms,
        p95_response_ms: 2 * ms,
        throughput_per_s: 1000 / ms,
      };
      return launchOf(makeRow({ cell, launch: i + 1 }, results));
    });
  }).flat();
}

test('in a duet, what the machine does to both hides no effect', () => {
  const { launchesPerSide, real, simulated, smallest } = judgeNull(duet(1), 6, 1, true);
  assert.equal(launchesPerSide, 6);
  assert.equal(real.comparisons, 10);
  assert.ok(real.false <= 2, `${real.false} of 10`);
  assert.ok(simulated.false <= 50, `${simulated.false} of 1000`);
  assert.equal(smallest.length, 3);
  for (const { ratio = 0 } of smallest) assert.ok(ratio > 1.005 && ratio < 1.05, String(ratio));
  assert.ok(judgeNull(duet(1.1), 6, 1, true).real.false >= 9);
});

test('where nothing could be compared, nothing was', () => {
  for (const duet of [false, true]) {
    const { real, simulated } = judgeNull([], 2, 1, duet);
    assert.deepEqual([real.comparisons, simulated.comparisons], [0, 0]);
  }
});

test('what is not the same is found', () => {
  assert.ok(judgeNull(launches(1.5), 3, 1).real.false >= 9);
});
