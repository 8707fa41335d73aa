/** How products of a window are counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountedBy, throughputCoverageOf } from '../../simulation/windows.js';
import { ProductCount } from '../../src/measure/throughput.js';

const WINDOW = { warm_up_s: 1, measured_s: 2, open: false };

/** The throughput of requests that took from the one instant to the other, in ms. */
function perS(requests: readonly (readonly [number, number])[], change = {}): number {
  const products = new ProductCount({ ...WINDOW, ...change });
  for (const [startMs, endMs] of requests) {
    products.record({ startMs, responseMs: endMs - startMs });
  }
  return products.perS;
}

test('a request of a closed load counts with the part of it that lies in the window', () => {
  assert.equal(perS([[1200, 1900]]), 1 / 2);
  assert.equal(perS([[600, 1200]]), 1 / 3 / 2);
  assert.equal(perS([[2500, 3500]]), 1 / 2 / 2);
  assert.equal(perS([[0, 4000]]), 2 / 4 / 2);
  assert.equal(
    perS([
      [0, 900],
      [3000, 4000],
    ]),
    0,
  );
});

test('a worker that polls every 2 s answers one request in 2 s, however the window lies', () => {
  const polled = Array.from({ length: 9 }, (_, i) => [2002 * i, 2002 * (i + 1)] as const);
  for (const measured_s of [5, 6, 7.9, 10]) {
    const found = perS(polled, { warm_up_s: 2.002, measured_s });
    assert.ok(Math.abs(found * 2.002 - 1) < 1e-9, `${found} in ${measured_s} s`);
  }
});

test('requests at the same time add up', () => {
  const three = [
    [500, 2500],
    [1500, 3500],
    [1000, 3000],
  ] as const;
  assert.equal(perS(three), (0.75 + 0.75 + 1) / 2);
});

test('of an open load those count that came back within the window', () => {
  const requests = [
    [500, 999],
    [500, 1000],
    [900, 2999],
    [2900, 3000],
    [0, 4000],
  ] as const;
  assert.equal(perS(requests, { open: true }), 2 / 2);
});

test('a load that waits before it submits has no throughput', () => {
  assert.ok(Number.isNaN(perS([[1200, 1900]], { jitter_s: 2 })));
});

/** Few tasks in a window, of which the last is cut: where whole ones go wrong most. */
const CASES = [
  [2.9, 3],
  [5.5, 5],
  [20.3, 10],
] as const;

for (const [tasks, launches] of CASES) {
  test(`95 % of the intervals of throughput hold the true one: ${tasks} tasks in a window`, () => {
    const coverage = (by: CountedBy) => throughputCoverageOf(by, tasks, launches, 4000);
    const parts = coverage('parts');
    assert.ok(parts >= 0.94 && parts <= 0.96, `parts of tasks: ${parts}`);
    assert.ok(coverage('whole') < 0.8, `whole tasks: ${coverage('whole')}`);
  });
}
