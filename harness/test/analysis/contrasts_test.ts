import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { contrastCells } from '../../src/analysis/contrasts.js';
import { REPOSITORY } from '../../src/base/shell.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { readSystems } from '../../src/experiment/systems.js';
import { EXPERIMENT, launchOf, makeRow } from '../examples.js';

const KNOWN = readSystems(join(REPOSITORY, 'experiments', 'systems.yaml'));
const NAMES = ['rest-native-binary', 'rest-native', 'rest-wasm'];

const SIZES: Experiment = {
  ...EXPERIMENT,
  systems: KNOWN.filter(({ name }) => NAMES.includes(name)),
  axes: { ...EXPERIMENT.axes, workers: [1], n: [8, 64] },
};

/** Launches 1, 2, … of a cell; each block is twice as slow as the one before it. */
function launches(cell: string, medians: number[]) {
  return medians.map((median, i) =>
    launchOf(
      makeRow(
        { cell, launch: i + 1 },
        {
          median_response_ms: median * 2 ** i,
          mean_response_ms: 3 * median * 2 ** i,
          throughput_per_s: 1000 / (median * 2 ** i),
        },
      ),
    ),
  );
}

test('systems that differ in one choice are contrasted under the same conditions, by choice', () => {
  const found = contrastCells(SIZES, [
    ...launches('rest-native-binary w1 n8', [1, 1.01, 1]),
    ...launches('rest-native w1 n8', [2, 2, 2.02]),
    ...launches('rest-native w1 n64', [10, 10, 10]),
    ...launches('rest-wasm w1 n8', [14, 14, 14]),
    ...launches('rest-wasm w1 n64', [20, 20.2, 20]),
  ]);
  assert.deepEqual(
    found.map(({ choice, cell, over, pairs }) => [choice, cell, over, pairs]),
    [
      ['engine', 'rest-wasm w1 n8', 'rest-native w1 n8', 3],
      ['engine', 'rest-wasm w1 n64', 'rest-native w1 n64', 3],
      ['codec', 'rest-native w1 n8', 'rest-native-binary w1 n8', 3],
    ],
  );
  assert.deepEqual(found[0]?.differs, {
    engine: ['browser', 'native'],
    kernel: ['relaxed', 'simd'],
  });
  const ratios = found.map(({ response_ratio, mean_response_ratio, throughput_ratio }) =>
    [response_ratio, mean_response_ratio, throughput_ratio].map((ratio) =>
      Math.round(10 * (ratio?.value ?? 0)),
    ),
  );
  assert.deepEqual(ratios, [
    [70, 70, 1],
    [20, 20, 5],
    [20, 20, 5],
  ]);
  // A slow block is in both, and cancels.
  const { low = 0, high = 9 } = found[1]?.response_ratio ?? {};
  assert.ok(low > 1.9 && high < 2.1, `${low} to ${high}`);
});

test('variants of a system are contrasted, too; other worker counts and sizes are not', () => {
  const systems = KNOWN.filter(({ name }) => name === 'rest-wasm');
  const axes = { ...EXPERIMENT.axes, workers: [1, 2], codec: ['json', 'binary'] as const };
  const found = contrastCells({ ...EXPERIMENT, systems, axes }, [
    ...launches('rest-wasm w1 codec=json', [4, 4]),
    ...launches('rest-wasm w2 codec=json', [4, 4]),
    ...launches('rest-wasm w1 codec=binary', [2, 2]),
  ]);
  assert.deepEqual(
    found.map(({ cell, over }) => [cell, over]),
    [['rest-wasm w1 codec=binary', 'rest-wasm w1 codec=json']],
  );
});
