import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDifference, differences } from '../../src/run_folder/difference.js';
import { hashOfValue } from '../../src/run_folder/hash.js';

const tell = (before: unknown, after: unknown) =>
  differences(before, after).map(describeDifference);

test('equal values do not differ, whatever the order of their keys', () => {
  const a = { x: [1, { y: null }], z: 'a' };
  const b = { z: 'a', x: [1, { y: null }] };
  assert.deepEqual(tell(a, b), []);
  assert.equal(hashOfValue(a), hashOfValue(b));
  assert.notEqual(hashOfValue(a), hashOfValue({ ...a, z: 'b' }));
});

test('numbers may differ by rounding, where that is allowed', () => {
  assert.equal(differences({ x: 1 }, { x: 1 + 1e-12 }).length, 1);
  assert.equal(differences({ x: 1 }, { x: 1 + 1e-12 }, 1e-9).length, 0);
  assert.equal(differences({ x: 1 }, { x: 1.001 }, 1e-9).length, 1);
  assert.equal(differences({ x: 0 }, { x: 0 }, 1e-9).length, 0);
});

test('each difference is told with its place', () => {
  assert.deepEqual(tell({ a: { n: [64] }, b: 1 }, { a: { n: [128] }, c: true }), [
    'a.n.0: 64 → 128',
    'b: 1 → nothing',
    'c: nothing → true',
  ]);
  assert.deepEqual(tell({ n: [1] }, { n: [1, 2] }), ['n: [1] → [1,2]']);
  assert.deepEqual(tell({ n: {} }, { n: [] }), ['n: {} → []']);
});
