import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/errors.js';
import { MATRIX_ORDER, parseWholeNumbers, WORKER_COUNT } from '../src/experiment/ranges.js';

test('worker counts are numbers, ranges, ranges with a step, and lists of these', () => {
  assert.deepEqual(parseWholeNumbers('4', WORKER_COUNT), [4]);
  assert.deepEqual(parseWholeNumbers('1..4', WORKER_COUNT), [1, 2, 3, 4]);
  assert.deepEqual(parseWholeNumbers('1..16:3', WORKER_COUNT), [1, 4, 7, 10, 13, 16]);
  assert.deepEqual(parseWholeNumbers('1..16:4', WORKER_COUNT), [1, 5, 9, 13]);
  assert.deepEqual(parseWholeNumbers('8, 1,2,1..3', WORKER_COUNT), [1, 2, 3, 8]);
});

for (const bad of [
  '',
  '0',
  '-1',
  '1.5',
  'x',
  '4..1',
  '1..',
  '..4',
  '1..4:0',
  '1,,2',
  '1025',
  '1..4:1:1',
  '1e3',
]) {
  test(`'${bad}' is no worker count`, () => {
    assert.throws(
      () => parseWholeNumbers(bad, WORKER_COUNT),
      (error) => error instanceof UsageError && /no worker count; expected/.test(error.message),
    );
  });
}

test('errors name what is counted and its limit', () => {
  assert.deepEqual(parseWholeNumbers('8192', MATRIX_ORDER), [8192]);
  assert.throws(() => parseWholeNumbers('8193', MATRIX_ORDER), /no matrix order.*to 8192/);
});
