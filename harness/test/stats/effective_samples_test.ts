import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { EffectiveSamples } from '../../src/stats/effective_samples.js';
import { normals } from './models.js';
import { near } from './near.js';

/** Values of which each keeps so much of the one before it: of AR(1), φ. */
function effectiveOf(count: number, keeps: number, normal: () => number): number {
  const samples = new EffectiveSamples();
  let value = normal();
  for (let i = 0; i < count; i++) {
    samples.record(value);
    value = keeps * value + Math.sqrt(1 - keeps ** 2) * normal();
  }
  return samples.count();
}

test('independent samples are worth their number, nearly always', () => {
  const normal = normals(seededRandom(5));
  const counts = Array.from({ length: 1000 }, () => effectiveOf(400, 0, normal));
  const fewer = counts.filter((count) => count < 400).length;
  assert.ok(fewer > 5 && fewer < 50, `${fewer} of 1000`);
  assert.ok(Math.max(...counts) <= 400);
});

test('samples that keep nine tenths of the one before are worth a nineteenth', () => {
  const normal = normals(seededRandom(6));
  // (1 − φ) / (1 + φ) = 1/19, https://en.wikipedia.org/wiki/Effective_sample_size
  const worth = Array.from({ length: 200 }, () => effectiveOf(4096, 0.9, normal) / 4096);
  const sorted = worth.toSorted((a, b) => a - b);
  const [low = 0, median = 0, high = 0] = [5, 100, 194].map((i) => sorted[i]);
  // It errs to the side of more.
  assert.ok(median > 1 / 19 && median < 2 / 19, `${median}`);
  assert.ok(low > 0.8 / 19 && high < 4 / 19, `${low} to ${high}`);
});

test('a level that shifts once leaves few samples', () => {
  const normal = normals(seededRandom(7));
  const samples = new EffectiveSamples();
  for (let i = 0; i < 2000; i++) samples.record((i < 700 ? 0 : 3) + normal());
  assert.ok(samples.count() < 150, `${samples.count()}`);
});

test('few samples, equal ones and none are worth their number', () => {
  const counts = [0, 1, 31, 500].map((count) => {
    const samples = new EffectiveSamples();
    for (let i = 0; i < count; i++) samples.record(1);
    return samples.count();
  });
  assert.deepEqual(counts, [0, 1, 31, 500]);
  near(effectiveOf(40, 0.99, normals(seededRandom(8))), 40);
});
