import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellComparison } from '../../src/analysis/comparisons.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { answerOf } from '../../src/report/answer.js';
import type { TrialResults, TrialRow } from '../../src/run_folder/rows.js';
import type { Estimate } from '../../src/stats/estimate.js';
import { EXPERIMENT, makeRow, summaryOf } from '../examples.js';

const MOVE: Experiment = { ...EXPERIMENT, over: 'rpc-tcp' };
const RATIO: Estimate = {
  value: 59.12,
  low: 56,
  high: 63.04,
  method: 'student-t-of-logs',
  launches: 3,
};

/** Cells of rpc-tcp and rest-wasm under each of the conditions. */
function cellsAt(...conditions: Partial<TrialRow>[]) {
  return summaryOf(
    ['rpc-tcp', 'rest-wasm'].flatMap((system) =>
      conditions.map((condition) =>
        makeRow({ system, cell: `${system} ${JSON.stringify(condition)}`, ...condition }),
      ),
    ),
  );
}

function comparison(condition: Partial<TrialRow>, ratio: Partial<Estimate> = {}): CellComparison {
  const name = JSON.stringify(condition);
  return {
    cell: `rest-wasm ${name}`,
    over: `rpc-tcp ${name}`,
    pairs: 3,
    response_ratio: { ...RATIO, ...ratio },
  };
}

const answer = (conditions: Partial<TrialRow>[], ratios: Partial<Estimate>[] = []) =>
  answerOf(MOVE, {
    cells: cellsAt(...conditions),
    comparisons: conditions.map((condition, i) => comparison(condition, ratios[i])),
  });

test('the last system over the one that the question names, with interval and launches', () => {
  assert.equal(
    answer([{ n: 128 }]),
    'rest-wasm with 1 worker takes 59.1 × [56.0, 63.0] as long as rpc-tcp (median response, n = 128, 3 launches)',
  );
});

test('of several conditions the first and the last', () => {
  assert.equal(
    answer(
      [{ n: 8 }, { n: 64 }, { n: 512 }],
      [{}, { value: 9 }, { value: 2, low: 1.9, high: 2.1 }],
    ),
    'rest-wasm with 1 worker takes 59.1 × [56.0, 63.0] as long as rpc-tcp at n = 8 and 2.00 × [1.90, 2.10] at n = 512 (median response, 3 launches)',
  );
  assert.match(
    answer([{ workers: 1 }, { workers: 2 }], [{}, { launches: 4 }]),
    /^rest-wasm takes 59\.1 × .* as long as rpc-tcp with 1 worker and 59\.1 × .* with 2 workers \(median response, n = 64, at least 3 launches\)$/,
  );
});

test('workers that take turns on the cores, and a load that is not kept up with, are left out', () => {
  assert.match(answer([{ workers: 2 }, { workers: 8 }]), /^rest-wasm with 2 workers takes/);
  assert.match(answer([{ workers: 4 }, { workers: 8 }]), /^no number: .* a core for each worker/);
  // Of the 250 that each delivers.
  assert.match(
    answer([
      { rate_per_s: 100, in_flight: null },
      { rate_per_s: 255, in_flight: null },
      { rate_per_s: 300, in_flight: null },
    ]),
    /rpc-tcp at 100 requests\/s and .* at 255 requests\/s \(/,
  );
});

test('one launch has no interval, and an interval that holds 1 is no difference', () => {
  const { value, method } = RATIO;
  assert.equal(
    answerOf(MOVE, {
      cells: cellsAt({}),
      comparisons: [{ ...comparison({}), response_ratio: { value, method, launches: 1 } }],
    }),
    'rest-wasm with 1 worker takes 59.1 × as long as rpc-tcp (median response, n = 64, 1 launch, so without an interval)',
  );
  assert.match(
    answer([{}], [{ value: 1.01, low: 0.98, high: 1.04 }]),
    /takes 1\.01 × \[0\.980, 1\.04\].*; an interval that holds 1 shows no difference$/,
  );
});

test('without medians it is that of means, and says so', () => {
  const { response_ratio, ...rest } = comparison({});
  const told = (one: CellComparison) => answerOf(MOVE, { cells: cellsAt({}), comparisons: [one] });
  const means = told({ ...rest, mean_response_ratio: RATIO });
  assert.match(means, /\(mean response, n = 64, 3 launches\)$/);
  assert.match(told(rest), /^no number: .* too few samples/);
});

test('where nothing can be said it says why', () => {
  const cells = summaryOf([makeRow({})]);
  const none = { comparisons: [] };
  const alone = { ...MOVE, systems: MOVE.systems.slice(1, 2) };
  assert.match(answerOf(MOVE, { cells: [], ...none }), /no trial succeeded/);
  assert.match(answerOf(alone, { cells, ...none }), /only rpc-tcp was measured/);
  assert.match(answerOf(MOVE, { cells, ...none }), /rpc-tcp, with which .* has no valid trial/);
  assert.match(answerOf(MOVE, { cells: cellsAt({}), ...none }), /same conditions as rpc-tcp/);
  for (const answer of ['speed-up', 'capacity'] as const) {
    assert.match(answerOf({ ...MOVE, answer }, { cells, ...none }), /^no number: /);
  }
});

/** The answer to rows of three launches each, whose figures are a little apart. */
function answerTo(
  answer: Experiment['answer'],
  cells: readonly (readonly [Partial<TrialRow>, Partial<TrialResults>])[],
): string {
  const rows = cells.flatMap(([row, results]) =>
    [0.99, 1, 1.01].map((factor, i) => {
      const scaled = Object.entries(results).map(([name, value]) => [name, factor * Number(value)]);
      const cell = JSON.stringify(row);
      return makeRow({ cell, launch: i + 1, ...row }, Object.fromEntries(scaled));
    }),
  );
  return answerOf({ ...MOVE, answer }, { cells: summaryOf(rows), comparisons: [] });
}

test('a speed-up is that of the most workers that have a core each', () => {
  const told = answerTo('speed-up', [
    [{ system: 'a', workers: 1 }, { throughput_per_s: 10 }],
    [{ system: 'a', workers: 2 }, { throughput_per_s: 18 }],
    [{ system: 'a', workers: 4 }, { throughput_per_s: 19 }],
    [{ system: 'b', workers: 1 }, { throughput_per_s: 10 }],
    [{ system: 'b', workers: 2 }, { throughput_per_s: 12 }],
  ]);
  assert.match(
    told,
    /^of the throughput of one worker, a with 2 workers 1\.80 ×.* and b with 2 workers 1\.20 ×.* \(n = 64, 3 launches\)$/,
  );
});

test('the computing share of the system that is named and of the last, at both ends of what varies', () => {
  const told = answerTo('compute-share', [
    [{ system: 'rpc-tcp', n: 8 }, { compute_share: 0.01 }],
    [{ system: 'rpc-tcp', n: 64 }, { compute_share: 0.1 }],
    [{ system: 'rpc-tcp', n: 512 }, { compute_share: 0.5 }],
    [{ system: 'a', n: 8 }, { compute_share: 0.2 }],
    [{ system: 'b', n: 8 }, { compute_share: 0.001 }],
    [{ system: 'b', n: 512 }, { compute_share: 0.05 }],
  ]);
  assert.match(
    told,
    /^computing is 1\.0 % \[.*\] at n = 8 and 50\.0 % \[.*\] at n = 512 in rpc-tcp, and 0\.1 % \[.*\] at n = 8 and 5\.0 % .* in b \(3 launches\)$/,
  );
});

test('the rate up to which response times at most double', () => {
  const at = (system: string, rate_per_s: number, median_response_ms: number) =>
    [{ system, rate_per_s, in_flight: null }, { median_response_ms }] as const;
  const told = answerTo('capacity', [
    ...[at('a', 25, 4), at('a', 100, 5), at('a', 400, 6)],
    ...[at('b', 25, 4), at('b', 100, 7), at('b', 400, 90)],
  ]);
  assert.match(
    told,
    /^response times at most double up to 400 requests\/s for a \(6\.00 ms \[.*\], the highest offered\) and up to 100 requests\/s for b \(7\.00 ms \[.*\]; 90\.0 ms \[.*\] at 400\) \(median response, n = 64, 3 launches\)$/,
  );
});
