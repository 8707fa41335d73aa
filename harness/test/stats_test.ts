import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../src/experiment/random.js';
import {
  carriesQuantile,
  estimateOverLaunches,
  mean,
  quantile,
  standardDeviation,
  studentT975,
} from '../src/stats.js';

function near(actual: number, expected: number, tolerance = 1e-12): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected} ± ${tolerance}`,
  );
}

test('mean and standard deviation of known values', () => {
  near(mean([2, 4, 4, 4, 5, 5, 7, 9]), 5);
  near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7));
  assert.ok(Number.isNaN(mean([])));
  assert.ok(Number.isNaN(standardDeviation([1])));
});

test('quantiles are those of R and NumPy', () => {
  // numpy.quantile([1, 2, 3, 4, 10], [0, .25, .5, .9, .95, 1])
  const expected = [1, 2, 3, 7.6, 8.8, 10];
  [0, 0.25, 0.5, 0.9, 0.95, 1].forEach((p, i) => {
    near(quantile([1, 2, 3, 4, 10], p), expected[i] ?? Number.NaN);
  });
  near(quantile([1, 2], 0.5), 1.5);
  near(quantile([7], 0.95), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("Student's t is that of the tables", () => {
  // scipy.stats.t.ppf(0.975, ν)
  const table = {
    1: 12.706205,
    2: 4.302653,
    9: 2.262157,
    10: 2.228139,
    15: 2.13145,
    30: 2.042272,
    200: 1.971896,
  };
  for (const [degrees, t] of Object.entries(table)) near(studentT975(Number(degrees)), t, 5e-4);
});

test('an estimate over launches has an interval only when there are several', () => {
  assert.deepEqual(estimateOverLaunches([5]), { value: 5 });
  const { value, low, high } = estimateOverLaunches([10, 12, 14]);
  near(value, 12);
  near((high ?? 0) - value, 4.9683, 1e-3);
  near(value - (low ?? 0), 4.9683, 1e-3);
});

test('95 % of the intervals hold the true mean of normal values', () => {
  const random = seededRandom(1);
  // Box and Muller: https://en.wikipedia.org/wiki/Box%E2%80%93Muller_transform
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const trials = 20_000;
  let holding = 0;
  for (let i = 0; i < trials; i++) {
    const { low = 0, high = 0 } = estimateOverLaunches([normal(), normal(), normal(), normal()]);
    if (low <= 0 && 0 <= high) holding++;
  }
  near(holding / trials, 0.95, 0.005);
});

test('p95 needs 200 samples, the median 20', () => {
  assert.deepEqual([carriesQuantile(199, 0.95), carriesQuantile(200, 0.95)], [false, true]);
  assert.deepEqual([carriesQuantile(19, 0.5), carriesQuantile(20, 0.5)], [false, true]);
});
