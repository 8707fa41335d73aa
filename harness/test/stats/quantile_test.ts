import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { carriesQuantile, quantile } from '../../src/stats/quantile.js';
import { ofCounts, ofSorted, quantileOf } from '../../src/stats/response_times.js';
import { drawLaunch, MODELS, type Model } from './models.js';
import { near } from './near.js';

test('quantiles are the median-unbiased ones of NumPy', () => {
  // numpy.quantile([1, 2, 3, 4, 10], [0, .25, .5, .75, 1], method='median_unbiased')
  const expected = [1, 5 / 3, 3, 6, 10];
  [0, 0.25, 0.5, 0.75, 1].forEach((p, i) => {
    near(quantile([1, 2, 3, 4, 10], p), expected[i] ?? Number.NaN);
  });
  near(quantile([1, 2], 0.5), 1.5);
  near(quantile([7], 0.95), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('the p95 of few skewed samples is too low on average by less than 1 %', () => {
  const random = seededRandom(1);
  const skewed = MODELS.find((model) => model.name === 'skewed') as Model;
  const launches = 3000;
  let sum = 0;
  for (let i = 0; i < launches; i++) {
    sum += Math.log(quantileOf(drawLaunch(skewed, random).responses, 0.95));
  }
  // scipy.stats.norm.ppf(0.95). Definition 7, NumPy's default, is 0.025 below it.
  near(sum / launches, 1.6449, 0.01);
});

test('a quantile never falls as p rises, and lies between the smallest and the largest', () => {
  const random = seededRandom(2);
  for (let i = 0; i < 200; i++) {
    const values = Array.from({ length: 1 + Math.floor(20 * random()) }, random).sort();
    const quantiles = Array.from({ length: 21 }, (_, p) => quantile(values, p / 20));
    assert.deepEqual(quantiles, quantiles.toSorted());
    assert.deepEqual([quantiles[0], quantiles[20]], [values[0], values.at(-1)]);
  }
});

test('response times say the same one by one and counted', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 100; i++) {
    const buckets = Array.from({ length: 1 + Math.floor(6 * random()) }, (_, value) => ({
      value: value + random(),
      count: Math.floor(5 * random()) + (value === 0 ? 1 : 0),
    }));
    const sorted = ofSorted(buckets.flatMap(({ value, count }) => Array(count).fill(value)));
    const counted = ofCounts(buckets);
    assert.equal(counted.count, sorted.count);
    for (let rank = 0.5; rank <= sorted.count + 1; rank += 0.25) {
      assert.equal(counted.atRank(rank), sorted.atRank(rank), `rank ${rank} of ${sorted.count}`);
    }
  }
  assert.ok(Number.isNaN(ofCounts([]).atRank(1)));
});

test('p95 needs 200 samples, and so does p05; the median 20', () => {
  assert.deepEqual([carriesQuantile(199, 0.95), carriesQuantile(200, 0.95)], [false, true]);
  assert.deepEqual([carriesQuantile(199, 0.05), carriesQuantile(200, 0.05)], [false, true]);
  assert.deepEqual([carriesQuantile(19, 0.5), carriesQuantile(20, 0.5)], [false, true]);
});
