import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { warmUpEnd } from '../../src/stats/warm_up.js';
import { normals } from './models.js';

/** Response times that fall from 3 to 1 within `warmUp` requests and then stay. */
function trial(warmUp: number, requests: number, seed: number): number[] {
  const normal = normals(seededRandom(seed));
  return Array.from(
    { length: requests },
    (_, i) => 1 + 2 * Math.max(0, 1 - i / warmUp) + 0.1 * normal(),
  );
}

test('the warm-up ends where response times have settled', () => {
  const cut = warmUpEnd(trial(200, 2000, 1)) ?? Number.NaN;
  assert.ok(cut >= 170 && cut <= 250, `${cut}`);
});

test('a steady trial has hardly any', () => {
  const cuts = Array.from({ length: 20 }, (_, seed) => warmUpEnd(trial(1, 2000, seed)) ?? 2000);
  assert.ok(cuts.filter((cut) => cut > 200).length <= 4, `${cuts}`);
});

test('a trial that never settles, and one of a few requests, are too short to say', () => {
  assert.equal(warmUpEnd(trial(4000, 2000, 1)), undefined);
  assert.equal(warmUpEnd([1, 2, 3]), undefined);
});
