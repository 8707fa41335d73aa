import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { DurationHistogram } from '../../src/measure/histogram.js';
import { ofCounts, ofSorted, quantileOf } from '../../src/stats/response_times.js';

/** Durations from a microsecond to a minute. */
function durations(count: number): number[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => 10 ** (random() * 7.8 - 3));
}

test('quantiles are right to 0.01 % or a nanosecond', () => {
  const histogram = DurationHistogram.empty();
  const values = durations(10_001);
  for (const value of values) histogram.record(value);
  const ascending = values.sort((a, b) => a - b);
  for (const p of [0, 0.01, 0.5, 0.95, 0.999, 1]) {
    const exact = quantileOf(ofSorted(ascending), p);
    const found = quantileOf(ofCounts(histogram.counts()), p);
    const tolerance = Math.max(exact * 1e-4, 1e-6);
    assert.ok(Math.abs(found - exact) <= tolerance, `${found} is not ${exact} at ${p}`);
  }
});

test('what is longer than an hour counts as an hour', () => {
  const histogram = DurationHistogram.empty();
  histogram.record(1e12);
  histogram.record(-1);
  assert.equal(histogram.count, 2);
  assert.ok(Math.abs((histogram.counts().at(-1)?.value ?? 0) / 3.6e6 - 1) < 1e-4);
});

test('its log reads back to the same counts', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const histogram = DurationHistogram.empty();
  for (const value of durations(1000)) histogram.record(value);
  const path = join(folder, 'h.hlog');
  writeFileSync(path, histogram.toLog('response', 2));
  const back = DurationHistogram.readLog(path);
  assert.equal(back.count, 1000);
  assert.deepEqual(back.counts(), histogram.counts());
  writeFileSync(path, 'nonsense\n');
  assert.throws(() => DurationHistogram.readLog(path), /h\.hlog/);
});
