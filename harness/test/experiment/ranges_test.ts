import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { MATRIX_ORDER, parseWholeNumbers, WORKER_COUNT } from '../../src/experiment/ranges.js';

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
  test(`'${bad}' is not a valid worker count`, () => {
    assert.throws(
      () => parseWholeNumbers(bad, WORKER_COUNT),
      (error) =>
        error instanceof UsageError &&
        /is not a valid worker count: .*; expected whole numbers from 1 to 1024/.test(
          error.message,
        ),
    );
  });
}

test('errors name what is counted and its limit', () => {
  assert.deepEqual(parseWholeNumbers('8192', MATRIX_ORDER), [8192]);
  assert.throws(
    () => parseWholeNumbers('8193', MATRIX_ORDER),
    /not a valid matrix order: 8193 is above 8192; .*to 8192/,
  );
});

const REASONS: [text: string, because: RegExp][] = [
  ['1..0', /the range ends at 0, before it begins/],
  ['0..4', /0 is below 1/],
  ['1..16:0', /its step is 0/],
  ['1..', /it cannot be read/],
  ['1 .. 4', /it cannot be read/],
  ['2,,4', /'' is not a valid worker count: it is empty/],
  ['1..9007199254740993', /9007199254740993 is above 1024/],
  [`1..${'9'.repeat(400)}`, /'1\.\.9{34}\.\.\.' is not.*: 9{37}\.\.\. is above 1024/],
];

for (const [text, because] of REASONS) {
  test(`of '${text.slice(0, 40)}' it is told what is wrong`, () => {
    assert.throws(() => parseWholeNumbers(text, WORKER_COUNT), because);
  });
}

test('a list that repeats itself costs no more than once', () => {
  const text = Array(100_000).fill('1..1024').join(',');
  assert.equal(parseWholeNumbers(text, WORKER_COUNT).length, 1024);
});
