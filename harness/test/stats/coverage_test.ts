/** That 95 % of the intervals hold the true value. The longer simulation is `npm run simulate`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_USE, REJECTED } from '../../simulation/candidates.js';
import { coverageOf, ratioCoverageOf } from '../../simulation/coverage.js';
import { MEASURES, type Measure } from '../../src/stats/launch.js';
import { MODELS, type Model } from './models.js';

/** The seed is fixed, so the outcome is: so many that a wrong method does not pass by luck. */
const REPETITIONS = 2000;

/** Few launches, which tell methods apart. */
const CASES: readonly (readonly [Measure, launches: number])[] = [
  ['median_response_ms', 3],
  ['p95_response_ms', 3],
  ['mean_response_ms', 5],
  ['throughput_per_s', 5],
];

function isNinetyFive(share: number | undefined, what: string, most = 0.96): void {
  assert.ok(share !== undefined && share >= 0.94 && share <= most, `${what}: ${share}`);
}

for (const model of MODELS) {
  test(`95 % of the intervals hold the true value: ${model.name}`, () => {
    for (const [measure, launches] of CASES) {
      const [coverage] = coverageOf([IN_USE], model, measure, launches, REPETITIONS);
      isNinetyFive(coverage?.share, `${measure} of ${launches} launches`);
    }
  });
}

for (const design of ['paired', 'unpaired'] as const) {
  test(`95 % of the intervals of a ratio hold the true one: ${design}`, () => {
    const model = MODELS.find(({ name }) => name === 'clustered by launch') as Model;
    for (const [measure, launches] of CASES) {
      const { share } = ratioCoverageOf(design, model, measure, launches, REPETITIONS);
      // Welch's test is known to be careful with few launches.
      const most = design === 'unpaired' ? 0.975 : 0.96;
      isNinetyFive(share, `${measure} of ${launches} launches`, most);
    }
  });
}

test('the simulation tells a bad interval from a good one', () => {
  const model = MODELS.find(({ name }) => name === 'skewed') as Model;
  const shares = Object.fromEntries(
    coverageOf(REJECTED, model, 'p95_response_ms', 3, 200).map(({ share }, i) => [
      REJECTED[i]?.name,
      share,
    ]),
  );
  assert.ok((shares['percentile bootstrap of launches'] ?? 1) < 0.85);
  assert.ok((shares["standard error of that, with Student's t"] ?? 0) > 0.98);
});

test('MEASURES are all simulated', () => {
  assert.deepEqual(new Set(CASES.map(([measure]) => measure)), new Set(MEASURES));
});
