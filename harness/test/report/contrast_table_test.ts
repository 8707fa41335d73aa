import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellContrast } from '../../src/analysis/contrasts.js';
import { renderContrasts } from '../../src/report/contrast_table.js';
import { makeRow, summaryOf } from '../examples.js';

const CELLS = summaryOf(
  ['rest-native', 'rest-wasm'].flatMap((system) =>
    [8, 64].map((n) => makeRow({ system, n, cell: `${system} n${n}` })),
  ),
);

function contrast(n: number, value: number, more: Partial<CellContrast> = {}): CellContrast {
  return {
    choice: 'engine',
    differs: { engine: ['browser', 'native'], kernel: ['relaxed', 'simd'] },
    cell: `rest-wasm n${n}`,
    over: `rest-native n${n}`,
    pairs: 3,
    response_ratio: {
      value,
      low: value - 1,
      high: value + 1,
      method: 'student-t-of-logs',
      launches: 3,
    },
    ...more,
  };
}

test('a row for each two systems, a column for each size; what is unknown is a dash', () => {
  const lines = renderContrasts(
    [
      contrast(8, 7.3),
      contrast(64, 2.31),
      contrast(64, 2, { choice: 'codec', differs: { codec: ['json', 'binary'] } }),
    ],
    CELLS,
  ).split('\n');
  assert.deepEqual(lines.slice(1, 4), [
    'choice  systems                     and so also  of               n 8         n 64',
    'engine  rest-wasm over rest-native  kernel       medians  7.30 ± 1.00  2.31 ± 1.00',
    'codec   rest-wasm over rest-native  –            medians            –  2.00 ± 1.00',
  ]);
});

test('a row in which samples are too few for medians is of means', () => {
  const { response_ratio: mean_response_ratio, ...few } = contrast(64, 2);
  const told = [contrast(8, 7), { ...few, ...(mean_response_ratio && { mean_response_ratio }) }];
  const lines = renderContrasts(told, CELLS).split('\n');
  assert.match(lines[2] ?? '', /^engine .* means +– +2\.00 ± 1\.00$/);
});

test('without a contrast there is no table', () => {
  assert.equal(renderContrasts([], CELLS), '');
});
