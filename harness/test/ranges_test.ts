import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/errors.js';
import { parseWorkerCounts } from '../src/experiment/ranges.js';

test('worker counts are numbers, ranges, ranges with a step, and lists of these', () => {
  assert.deepEqual(parseWorkerCounts('4'), [4]);
  assert.deepEqual(parseWorkerCounts('1..4'), [1, 2, 3, 4]);
  assert.deepEqual(parseWorkerCounts('1..16:3'), [1, 4, 7, 10, 13, 16]);
  assert.deepEqual(parseWorkerCounts('1..16:4'), [1, 5, 9, 13]);
  assert.deepEqual(parseWorkerCounts('8, 1,2,1..3'), [1, 2, 3, 8]);
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
      () => parseWorkerCounts(bad),
      (error) => error instanceof UsageError && /no worker count; expected/.test(error.message),
    );
  });
}
