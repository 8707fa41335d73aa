import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { findShift } from '../../src/stats/shift.js';
import { normals } from './models.js';
import { near } from './near.js';

const random = seededRandom(3);
const normal = normals(random);

const series = (count: number, level: (i: number) => number, spread: number) =>
  Array.from({ length: count }, (_, i) => level(i) + spread * normal());

test('a change of level is found where it is, by how much, and surely', () => {
  const values = series(100, (i) => (i < 12 ? -3.1 : -2.1), 0.05);
  const shift = findShift(values, random) ?? assert.fail('nothing found');
  assert.equal(shift.index, 12);
  near(shift.difference, 1, 0.06);
  assert.equal(shift.p, 0.001);
});

test('a change near an edge is found, too', () => {
  for (const at of [3, 97]) {
    const shift = findShift(
      series(100, (i) => (i < at ? 0 : 1), 0.05),
      random,
    );
    assert.equal(shift?.index, at);
    assert.ok(shift.p <= 0.005, `p ${shift.p} at ${at}`);
  }
});

test('of series without a change, as many look changed as the level of the test says', () => {
  const repetitions = 1_000;
  let found = 0;
  for (let i = 0; i < repetitions; i++) {
    // Skewed, as response times are.
    const values = series(40, () => 0, 0.3).map(Math.exp);
    if ((findShift(values, random, 199) as { p: number }).p <= 0.05) found++;
  }
  near(found / repetitions, 0.05, 0.02);
});

test('equal values have no change, and three are too few', () => {
  assert.equal(findShift([2, 2, 2, 2, 2], random)?.p, 1);
  assert.equal(findShift([1, 1, 9], random), undefined);
});
