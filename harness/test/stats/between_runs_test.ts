import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadBetween, withSpreadBetween } from '../../src/stats/between_runs.js';
import { type Contrast, welchContrast } from '../../src/stats/contrast.js';
import type { Launch } from '../../src/stats/launch.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { near } from './near.js';

/** A launch of which only its throughput is known, by its logarithm. */
const launch = (logOfThroughput: number): Launch => ({
  block: 1,
  responses: ofSorted([]),
  effective_samples: 0,
  mean_response_ms: Number.NaN,
  throughput_per_s: Math.exp(logOfThroughput),
  workers: [],
});

test('the spread of runs is that of their values, on average over cells', () => {
  const runs = [[0, 0.2].map(launch), [0.3, 0.3].map(launch), [0.5].map(launch)];
  // 0.1, 0.3, 0.5: a variance of 0.04; and none in the other cell.
  const found = spreadBetween([runs, runs.map(() => [launch(1)])], 'throughput_per_s');
  near(found?.spread, Math.sqrt(0.02));
  assert.equal(found?.degreesOfFreedom, 2);
});

test('one run shows nothing, and neither does a measure that launches do not carry', () => {
  assert.equal(spreadBetween([[[launch(1)]]], 'throughput_per_s'), undefined);
  const runs = [[launch(1)], [launch(1)]];
  assert.equal(spreadBetween([runs], 'median_response_ms'), undefined);
});

test('both runs of a contrast are shifted, and what is known badly leaves few degrees of freedom', () => {
  const of = welchContrast([0, 0.02], [0.1, 0.12]) as Contrast;
  const known = { spread: 0.05, degreesOfFreedom: Number.POSITIVE_INFINITY };
  near(withSpreadBetween(of, known).standardError, Math.hypot(of.standardError, 0.05 * Math.SQRT2));
  assert.equal(withSpreadBetween(of, known).difference, of.difference);
  const { degreesOfFreedom } = withSpreadBetween(of, { ...known, degreesOfFreedom: 1 });
  assert.ok(degreesOfFreedom > 1 && degreesOfFreedom < 1.2, `${degreesOfFreedom}`);
});
