import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCells } from '../../src/analysis/comparisons.js';
import { cellsOf } from '../../src/experiment/cells.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import type { TrialResults } from '../../src/run_folder/rows.js';
import { EXPERIMENT, launchOf, makeRow, SYSTEMS } from '../examples.js';

/** Launches 1, 2, … of a cell with those median response times, each of the block twice as slow. */
function launches(cell: string, medians: number[], more: Partial<TrialResults> = {}) {
  return medians.map((median, i) =>
    launchOf(makeRow({ cell, launch: i + 1 }, { median_response_ms: median * 2 ** i, ...more })),
  );
}

const axes = { ...EXPERIMENT.axes, workers: [1, 2] };
const TWO: Experiment = { ...EXPERIMENT, axes, systems: SYSTEMS.slice(0, 2) };

test('cells are compared with that of the system `over` under the same conditions, by block', () => {
  const found = compareCells(TWO, [
    ...launches('local w1', [2, 2.02, 2]),
    ...launches('rpc-tcp w1', [6, 6, 6.06], { mean_response_ms: 21, throughput_per_s: 125 }),
    ...launches('rpc-tcp w2', [6, 6, 6]),
  ]);
  assert.equal(found.length, 1);
  const { cell, over, pairs, verdict, response_ratio } = found[0] ?? {};
  assert.deepEqual(
    { cell, over, pairs, verdict },
    {
      cell: 'rpc-tcp w1',
      over: 'local w1',
      pairs: 3,
      verdict: 'slower',
    },
  );
  assert.ok(Math.abs((response_ratio?.value ?? 0) - 3) < 0.01);
  assert.equal(response_ratio?.launches, 3);
  assert.ok((response_ratio?.low ?? 9) < 3 && (response_ratio?.high ?? 0) > 3);
  const { mean_response_ratio: mean, throughput_ratio: throughput } = found[0] ?? {};
  assert.ok(Math.abs((mean?.value ?? 0) - 5) < 1e-9);
  assert.ok(Math.abs((throughput?.value ?? 0) - 0.5) < 1e-9);
});

test('p-values are corrected over all cells of the run', () => {
  const near = [2, 2.3, 2.1];
  const alone = compareCells(TWO, [
    ...launches('local w1', [2, 2, 2]),
    ...launches(
      'rpc-tcp w1',
      near.map((ms) => 3 * ms),
    ),
  ]);
  const among = compareCells(TWO, [
    ...launches('local w1', [2, 2, 2]),
    ...launches(
      'rpc-tcp w1',
      near.map((ms) => 3 * ms),
    ),
    ...launches('local w2', [2, 2, 2]),
    ...launches('rpc-tcp w2', near),
  ]);
  assert.deepEqual(
    among.map(({ cell, verdict }) => [cell, verdict]),
    [
      ['rpc-tcp w1', 'slower'],
      ['rpc-tcp w2', 'unsure'],
    ],
  );
  assert.ok(Math.abs((among[0]?.p ?? 0) - 2 * (alone[0]?.p ?? 0)) < 1e-12);
});

test('what the others are compared with may be any system of the experiment', () => {
  const found = compareCells({ ...TWO, over: 'rpc-tcp' }, [
    ...launches('local w1', [2, 2]),
    ...launches('rpc-tcp w1', [6, 6]),
  ]);
  assert.deepEqual(
    found.map(({ cell, over }) => [cell, over]),
    [['local w1', 'rpc-tcp w1']],
  );
});

test('one launch has ratios and nothing that was tested, and no median has neither', () => {
  const [one] = compareCells(TWO, [...launches('local w1', [2]), ...launches('rpc-tcp w1', [1])]);
  assert.deepEqual(one, {
    cell: 'rpc-tcp w1',
    over: 'local w1',
    pairs: 1,
    response_ratio: { value: 0.5, method: 'none', launches: 1 },
    mean_response_ratio: { value: 1, method: 'none', launches: 1 },
    throughput_ratio: { value: 1, method: 'none', launches: 1 },
  });
  const [few] = compareCells(TWO, [
    ...launches('local w1', [2, 2]),
    ...launches('rpc-tcp w1', [1, 1], { samples: 19 }),
  ]);
  assert.deepEqual([few?.response_ratio, few?.p, few?.verdict], [undefined, undefined, undefined]);
  assert.equal(few?.throughput_ratio?.launches, 2);
});

test('the first variant that has a valid launch is what the others are compared with', () => {
  const codecs: Experiment = {
    ...EXPERIMENT,
    axes: { ...axes, workers: [1], codec: ['json', 'binary'] },
    systems: SYSTEMS.slice(2),
    over: 'rest-wasm',
  };
  const [json = '', binary = ''] = cellsOf(codecs).map(({ key }) => key);
  const both = [...launches(json, [4, 4]), ...launches(binary, [2, 2])];
  const [found] = compareCells(codecs, both);
  assert.deepEqual([found?.cell, found?.over, found?.verdict], [binary, json, 'faster']);
  assert.deepEqual(compareCells(codecs, launches(binary, [2, 2])), []);
});
