import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contrast,
  pairedContrast,
  pOfDifference,
  pOfEquivalence,
  ratioOf,
  welchContrast,
} from '../../src/stats/contrast.js';
import { effectSize } from '../../src/stats/effect_size.js';
import type { Launch } from '../../src/stats/launch.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { near } from './near.js';

const logs = (values: readonly number[]) => values.map(Math.log);
const launch = (block: number, throughput_per_s: number): Launch => ({
  block,
  effective_samples: 0,
  mean_response_ms: 1000 / throughput_per_s,
  throughput_per_s,
  responses: ofSorted([]),
  workers: [],
});

function defined<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

test('cells of two runs are contrasted as Welch does', () => {
  const of = defined(welchContrast(logs([100, 104, 99, 107]), logs([110, 108, 121])));
  // scipy.stats.ttest_ind(log(after), log(before), equal_var=False)
  near(of.difference / of.standardError, 2.4467408689844152);
  near(pOfDifference(of), 0.09086448180057093, 1e-8);
  near(of.degreesOfFreedom, 3.0385004390968327);
  // exp(difference ± scipy.stats.t.ppf(0.975, df) * standard error)
  const { value, low, high, method, launches } = ratioOf(of);
  near(value, 1.10159222, 1e-8);
  near(low, 0.97219759, 1e-7);
  near(high, 1.24820863, 1e-7);
  assert.deepEqual([method, launches], ['welch-t-of-logs', 3]);
  // The larger of scipy.stats.t.sf((d + m) / se, df) and t.cdf((d - m) / se, df), m = log1p(margin)
  near(pOfEquivalence(of, 0.05), 0.8445234141498548, 1e-8);
  near(pOfEquivalence(of, 0.25), 0.02430604258702732, 1e-8);
});

test('cells of one run are contrasted block by block', () => {
  const before = [launch(1, 100), launch(2, 104), launch(3, 99), launch(4, 107)];
  const after = [launch(3, 121), launch(1, 110), launch(2, 108), launch(9, 5)];
  const of = defined(contrast(before, after, 'throughput_per_s', 'paired'));
  // scipy.stats.ttest_rel(log([110, 108, 121]), log([100, 104, 99]))
  near(pOfDifference(of), 0.1449544203212725, 1e-8);
  const { value, method, launches } = ratioOf(of);
  near(value, 1.1176635620915365);
  assert.deepEqual([method, launches], ['student-t-of-logs', 3]);
});

test('the ratio turned round is one over it', () => {
  const [x, y] = [logs([3, 4, 6]), logs([5, 5, 8, 9])];
  const there = ratioOf(defined(welchContrast(x, y)));
  const back = ratioOf(defined(welchContrast(y, x)));
  near(there.value * back.value, 1);
  near((there.low ?? 0) * (back.high ?? 0), 1);
});

test('launches that all have the same ratio leave it without an interval', () => {
  const before = [launch(1, 0.1), launch(2, 0.7), launch(3, 10.1)];
  const after = [launch(1, 0.3), launch(2, 2.1), launch(3, 30.3)];
  const ratio = ratioOf(defined(contrast(before, after, 'throughput_per_s', 'paired')));
  near(ratio.value, 3);
  assert.deepEqual([ratio.method, ratio.low, ratio.high], ['identical', undefined, undefined]);
});

test('too few launches, pairs or samples give no contrast', () => {
  const two = [launch(1, 5), launch(2, 6)];
  assert.equal(contrast(two, [launch(1, 5)], 'throughput_per_s', 'unpaired'), undefined);
  const elsewhere = [launch(2, 5), launch(3, 6)];
  assert.equal(contrast(two, elsewhere, 'throughput_per_s', 'paired'), undefined);
  assert.equal(contrast(two, two, 'p95_response_ms', 'unpaired'), undefined);
});

test('a block with two launches of a cell is refused with its number', () => {
  const twice = [launch(7, 5), launch(7, 6)];
  const once = [launch(7, 5), launch(8, 6)];
  for (const [before, after] of [
    [twice, once],
    [once, twice],
  ] as const) {
    assert.throws(() => contrast(before, after, 'throughput_per_s', 'paired'), /block.* 7/);
  }
});

test('without any spread only what is equal is no difference', () => {
  const same = defined(welchContrast([1, 1, 1], [1, 1, 1]));
  assert.deepEqual([pOfDifference(same), pOfEquivalence(same, 0.05)], [1, 0]);
  const other = defined(welchContrast([1, 1, 1], [2, 2, 2]));
  assert.deepEqual([pOfDifference(other), pOfEquivalence(other, 0.05)], [0, 1]);
});

test("Hedges' g has the interval of the noncentral t", () => {
  const of = defined(welchContrast(logs([100, 104, 99, 107]), logs([110, 108, 121])));
  const { value, low, high } = effectSize(of);
  // t = difference / (pooled deviation * u), u = sqrt(1/4 + 1/3); g = t * u * (1 - 3/19);
  // bounds: u * the noncentralities nc with scipy.stats.nct.cdf(t, 5, nc) = 0.975 and 0.025
  near(value, 1.712460313892283);
  near(low, 0.04362769757624496, 0.005);
  near(high, 3.9115769945849164, 0.005);
  const paired = effectSize(defined(pairedContrast([0.1, 0.2, 0.15, 0.05])));
  assert.ok(paired.low < paired.value && paired.value < paired.high);
  const endless = effectSize(defined(pairedContrast([0.25, 0.25, 0.25])));
  assert.deepEqual([endless.value, endless.low], [Infinity, -Infinity]);
});
