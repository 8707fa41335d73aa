import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import { pOfDifference, welchContrast } from '../../src/stats/contrast.js';
import { launchesToFind, powerToFind, smallestRatio, type Test } from '../../src/stats/power.js';
import { normals } from './models.js';
import { near } from './near.js';

const PAIRED: Test = { design: 'paired', launches: [5, 5], spread: 0.02, alpha: 0.05 };

test('the power of a paired test is that of the noncentral t', () => {
  // nct.sf(c, n - 1, d * sqrt(n)) + nct.cdf(-c, n - 1, d * sqrt(n)), c = t.ppf(1 - α / 2, n - 1)
  const power = (n: number, shift: number, alpha: number) =>
    powerToFind({ ...PAIRED, launches: [n, n], alpha }, Math.exp(shift * PAIRED.spread));
  near(power(5, 2, 0.05), 0.9088848681009395, 1e-3);
  near(power(3, 4, 0.05), 0.9084887436661602, 1e-3);
  near(power(10, 1, 0.01), 0.5041067299567557, 1e-3);
  near(power(10, 0, 0.01), 0.01, 1e-3);
});

test('the power of an unpaired test is what simulated tests have', () => {
  const random = seededRandom(1);
  const normal = normals(random);
  for (const launches of [
    [3, 3],
    [4, 8],
  ] as const) {
    const test: Test = { design: 'unpaired', launches, spread: 0.02, alpha: 0.05 };
    const draw = (n: number, centre: number) =>
      Array.from({ length: n }, () => centre + test.spread * normal());
    const repetitions = 10_000;
    let found = 0;
    for (let i = 0; i < repetitions; i++) {
      const before = draw(launches[0], 0);
      const shifted = welchContrast(before, draw(launches[1], Math.log(1.05)));
      if (shifted !== undefined && pOfDifference(shifted) <= 0.05) found++;
    }
    near(found / repetitions, powerToFind(test, 1.05), 0.015);
  }
});

test('the smallest ratio, and the launches for it, are those that give the power', () => {
  const ratio = smallestRatio(PAIRED, 0.8);
  near(powerToFind(PAIRED, ratio), 0.8, 1e-3);
  near(powerToFind(PAIRED, 1 / ratio), 0.8, 1e-3);
  assert.equal(launchesToFind(PAIRED, ratio * 1.001, 0.8), 5);
  assert.equal(launchesToFind(PAIRED, ratio / 1.002, 0.8), 6);
  assert.equal(launchesToFind(PAIRED, 1.0001, 0.8, 50), undefined);
});
