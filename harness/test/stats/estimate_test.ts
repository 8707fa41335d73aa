import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  estimateMeasure,
  estimateOfPositive,
  estimateOverLaunches,
  relativeHalfWidth,
} from '../../src/stats/estimate.js';
import type { Launch } from '../../src/stats/launch.js';
import { mean, standardDeviation } from '../../src/stats/moments.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { near } from './near.js';

test('mean and standard deviation of known values', () => {
  near(mean([2, 4, 4, 4, 5, 5, 7, 9]), 5);
  near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7));
  assert.ok(Number.isNaN(mean([])));
  assert.ok(Number.isNaN(standardDeviation([1])));
});

test('an estimate over launches has an interval only when there are several', () => {
  assert.deepEqual(estimateOverLaunches([5]), { value: 5, method: 'none', launches: 1 });
  const { value, low, high } = estimateOverLaunches([10, 12, 14]);
  // scipy.stats.t.interval(0.95, 2, 12, 2 / 3**0.5)
  near(value, 12);
  near(low, 7.031724, 1e-6);
  near(high, 16.968276, 1e-6);
});

test('an estimate of positive values is that of their logarithms', () => {
  // numpy.exp(scipy.stats.t.interval(0.95, 2, numpy.log(x).mean(), scipy.stats.sem(numpy.log(x))))
  const estimate = estimateOfPositive([10, 12, 14]);
  near(estimate.value, 11.887843905526257);
  near(estimate.low, 7.82330189, 1e-7);
  near(estimate.high, 18.06409042, 1e-7);
  assert.deepEqual([estimate.method, estimate.launches], ['student-t-of-logs', 3]);
  near(relativeHalfWidth(estimate), (18.06409042 - 7.82330189) / 2 / 11.8878439, 1e-7);
});

test('one launch has a value without an interval, and nothing at 0 has either', () => {
  const estimate = estimateOfPositive([5.1]);
  assert.deepEqual(estimate, { value: 5.1, method: 'none', launches: 1 });
  assert.equal(relativeHalfWidth(estimate), Number.POSITIVE_INFINITY);
  assert.deepEqual(estimateOfPositive([0, 5]), { value: 0, method: 'none', launches: 2 });
});

test('launches that agree exactly have a value without an interval, which says why', () => {
  for (const estimate of [estimateOverLaunches, estimateOfPositive]) {
    const identical = { value: 0.1, method: 'identical', launches: 3 };
    assert.deepEqual(estimate([0.1, 0.1, 0.1]), identical);
    assert.match(estimate([0.1, 0.1, 0.1 + 1e-9]).method, /^student-t/);
  }
});

test('in other units the estimate is the same', () => {
  const { value, low, high } = estimateOfPositive([3, 5, 4]);
  const scaled = estimateOfPositive([3000, 5000, 4000]);
  near(scaled.value, 1000 * value);
  near(scaled.low, 1000 * (low ?? 0));
  near(scaled.high, 1000 * (high ?? 0));
});

test('no percentile of a cell with a launch whose samples do not carry it', () => {
  const launch = (samples: number): Launch => ({
    block: 1,
    responses: ofSorted(Array.from({ length: samples }, (_, i) => i + 1)),
    effective_samples: samples,
    mean_response_ms: samples,
    throughput_per_s: samples,
    workers: [],
  });
  const launches = [launch(200), launch(199), launch(300)];
  assert.ok(Number.isNaN(estimateMeasure(launches, 'p95_response_ms').value));
  assert.equal(estimateMeasure(launches, 'p95_response_ms').method, 'none');
  assert.equal(estimateMeasure(launches, 'median_response_ms').method, 'student-t-of-logs');
  assert.equal(estimateMeasure(launches, 'throughput_per_s').method, 'student-t-of-logs');
});

test('a percentile rests on the samples that are independent', () => {
  const launch = (worth: number): Launch => ({
    block: 1,
    responses: ofSorted(Array.from({ length: 1000 }, (_, i) => i + 1)),
    effective_samples: worth,
    mean_response_ms: 500,
    throughput_per_s: 2,
    workers: [],
  });
  assert.ok(estimateMeasure([launch(200)], 'p95_response_ms').value > 900);
  assert.ok(Number.isNaN(estimateMeasure([launch(199)], 'p95_response_ms').value));
  assert.ok(estimateMeasure([launch(20)], 'median_response_ms').value > 400);
});
