import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  drawRates,
  falsePositivesOf,
  falseWithShift,
  verdictsOn,
} from '../../simulation/comparing.js';
import { seededRandom } from '../../src/experiment/random.js';
import { COMPARISON_RULE, type ComparisonRule, compare } from '../../src/stats/comparison.js';
import { holm } from '../../src/stats/holm.js';
import type { Launch } from '../../src/stats/launch.js';
import { powerToFind, smallestRatio, type Test } from '../../src/stats/power.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { MODELS } from './models.js';
import { near } from './near.js';

const RATES: ComparisonRule = { ...COMPARISON_RULE, measures: ['throughput_per_s'] };

test("p-values are adjusted as by R's p.adjust", () => {
  // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  const expected = [0.03, 0.06, 0.06, 0.02];
  holm([0.01, 0.04, 0.03, 0.005]).forEach((p, i) => {
    near(p, expected[i] ?? Number.NaN);
  });
  assert.deepEqual(holm([]), []);
  assert.deepEqual(holm([0.9, 0.8]), [1, 1]);
});

test('less time is faster, more throughput is faster, within the margin is equivalent', () => {
  const at = (throughput_per_s: number, block: number): Launch => ({
    block,
    effective_samples: 200,
    mean_response_ms: 1000 / throughput_per_s,
    throughput_per_s,
    responses: ofSorted(Array.from({ length: 200 }, () => 1000 / throughput_per_s)),
    workers: [],
  });
  const launches = (centre: number) => [0.999, 1, 1.001].map((f, i) => at(f * centre, i + 1));
  const verdicts = (ratio: number) => {
    const pair = { cell: 'a', before: launches(100), after: launches(100 * ratio) };
    return compare([pair]).map(({ verdict }) => verdict);
  };
  assert.deepEqual(verdicts(1.2), ['faster', 'faster', 'faster']);
  assert.deepEqual(verdicts(0.8), ['slower', 'slower', 'slower']);
  // Surely larger than 1, and as surely within 5 %.
  assert.deepEqual(verdicts(1.02), ['equivalent', 'equivalent', 'equivalent']);
});

test('where launches spread widely the verdict is unsure', () => {
  const pair = {
    cell: 'a',
    before: drawRates(100, 3, 0.3, seededRandom(1)),
    after: drawRates(110, 3, 0.3, seededRandom(2)),
  };
  assert.deepEqual(
    compare([pair], RATES).map(({ verdict }) => verdict),
    ['unsure'],
  );
});

test('a cell with one launch has no verdict and takes nothing from the others', () => {
  const random = seededRandom(1);
  const pair = {
    cell: 'a',
    before: drawRates(100, 5, 0.02, random),
    after: drawRates(110, 5, 0.02, random),
  };
  const short = { ...pair, cell: 'short', after: pair.after.slice(0, 1) };
  const [alone] = compare([pair], RATES);
  const [first, second] = compare([pair, short], RATES);
  assert.deepEqual(first, alone);
  assert.deepEqual(second, { cell: 'short', measure: 'throughput_per_s' });
  assert.deepEqual(compare([], RATES), []);
});

test('the smallest ratio that could be found counts the whole family', () => {
  const random = seededRandom(1);
  const pairs = ['a', 'b', 'c'].map((cell) => ({
    cell,
    before: drawRates(100, 5, 0.02, random),
    after: drawRates(100, 4, 0.02, random),
  }));
  const [first] = compare(pairs, RATES);
  const test: Test = {
    design: 'unpaired',
    launches: [5, 4],
    spread: first?.contrast?.spread ?? Number.NaN,
    alpha: 0.05 / 3,
  };
  near(first?.smallestRatio, smallestRatio(test, COMPARISON_RULE.power));
});

test('a margin of nothing is refused with its value', () => {
  assert.throws(() => compare([], { ...RATES, margin: 0 }), /margin is 0/);
});

const CLUSTERED = MODELS.filter(({ name }) => name.startsWith('clustered'));

for (const design of ['paired', 'unpaired'] as const) {
  test(`of like cells at most 5 % of comparisons say faster or slower: ${design}`, () => {
    const { corrected, uncorrected } = falsePositivesOf(CLUSTERED, 3, design, 400);
    assert.ok(corrected <= 0.05, `${corrected}`);
    // So the correction is what does it.
    assert.ok(uncorrected > 0.15, `${uncorrected}`);
  });
}

for (const launches of [3, 10]) {
  test(`a planted 5 % is found at the stated power: ${launches} launches`, () => {
    const cells = 5;
    const spread = 0.02;
    const { first } = verdictsOn(
      { cells, launches, spread, ratio: 0.95, otherRatio: 1, margin: 0.02 },
      800,
    );
    const stated = powerToFind(
      { design: 'unpaired', launches: [launches, launches], spread, alpha: 0.05 / cells },
      0.95,
    );
    near(first.slower, stated, 0.03);
    assert.ok(first.faster <= 0.005, `${first.faster}`);
  });
}

test('what differs by the margin is called equivalent in at most 5 % of comparisons', () => {
  const planted = { cells: 3, launches: 5, spread: 0.02, ratio: 1.05, otherRatio: 1.05 };
  const { any } = verdictsOn({ ...planted, margin: 0.05 }, 1000);
  assert.ok(any.equivalent <= 0.05, `${any.equivalent}`);
  assert.ok(any.equivalent > 0.02, `so careful that it finds nothing: ${any.equivalent}`);
});

test('runs that are shifted as a whole give few false verdicts once that is included, and many before', () => {
  const shifted = { cells: 5, launches: 10, spread: 0.02, betweenRuns: 0.05 };
  assert.ok(falseWithShift(shifted, 'nothing', 100) > 0.4);
  for (const told of ['the spread', { aaRuns: 3 }, { aaRuns: 10 }] as const) {
    const share = falseWithShift(shifted, told, 400);
    assert.ok(share <= 0.05, `${JSON.stringify(told)}: ${share}`);
  }
  const still = { ...shifted, spread: 0.08, betweenRuns: 0 };
  assert.ok(falseWithShift(still, { aaRuns: 3 }, 400) <= 0.05);
});
