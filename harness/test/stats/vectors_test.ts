/** The numbers that the harness and the figures must both compute, held to the same file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pairedRatio } from '../../src/analysis/ratios.js';
import { REPOSITORY } from '../../src/base/shell.js';
import {
  type Estimate,
  estimateOfPositive,
  estimateOverLaunches,
} from '../../src/stats/estimate.js';
import type { Launch } from '../../src/stats/launch.js';
import { carriesQuantile, quantile } from '../../src/stats/quantile.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { near } from './near.js';

interface Bounds {
  value: number;
  low: number | null;
  high: number | null;
}

interface Vectors {
  quantiles: { values: number[]; level: number; quantile: number | null }[];
  launches: { values: number[]; mean: Bounds; geometric_mean: Bounds }[];
  ratios: { before: ByBlock; after: ByBlock; ratio: Bounds | null }[];
}

type ByBlock = Record<string, number>;

const VECTORS: Vectors = JSON.parse(
  readFileSync(join(REPOSITORY, 'testing', 'statistics.json'), 'utf8'),
);

test('quantiles, and which of them samples carry, are those of both sides', () => {
  for (const { values, level, quantile: expected } of VECTORS.quantiles) {
    assert.equal(carriesQuantile(values.length, level), expected !== null);
    const ascending = values.toSorted((a, b) => a - b);
    if (expected !== null) near(quantile(ascending, level), expected);
  }
});

test('estimates of launches are those of both sides', () => {
  for (const { values, mean, geometric_mean } of VECTORS.launches) {
    same(estimateOverLaunches(values), mean);
    same(estimateOfPositive(values), geometric_mean);
  }
});

test('paired ratios are those of both sides', () => {
  for (const { before, after, ratio } of VECTORS.ratios) {
    const found = pairedRatio(launches(before), launches(after), 'throughput_per_s');
    if (ratio === null) assert.equal(found, undefined);
    else same(found as Estimate, ratio);
  }
});

function same(found: Estimate, expected: Bounds): void {
  near(found.value, expected.value, 1e-9 * expected.value);
  for (const bound of ['low', 'high'] as const) {
    const known = expected[bound];
    if (known === null) assert.equal(found[bound], undefined);
    // As far as jStat finds the quantile of t.
    else near(found[bound], known, 1e-8 * Math.abs(known));
  }
}

function launches(throughputs: ByBlock): Launch[] {
  return Object.entries(throughputs).map(([block, throughput_per_s]) => ({
    block: Number(block),
    responses: ofSorted([]),
    effective_samples: 0,
    mean_response_ms: Number.NaN,
    throughput_per_s,
    workers: [],
  }));
}
