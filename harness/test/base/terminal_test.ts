import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignColumns } from '../../src/base/console.js';
import { columnsOf, fit, widthOf } from '../../src/base/terminal.js';

test('a terminal that does not know its width, or says 0, has 80 columns', () => {
  assert.equal(columnsOf({}), 80);
  assert.equal(columnsOf({ columns: 0 }), 80);
  assert.equal(columnsOf({ columns: 7 }), 7);
});

test('characters are as wide as a terminal shows them', () => {
  assert.deepEqual(['abc', '矩阵', 'é', '🐝', '\x1b[1mx\x1b[22m'].map(widthOf), [3, 4, 1, 2, 1]);
});

test('a text is cut before the character that does not fit', () => {
  assert.equal(fit('矩阵 x', 5), '矩阵 ');
  assert.equal(fit('矩阵 x', 3), '矩');
  assert.equal(fit('e\u0301e\u0301', 1), 'e\u0301');
  assert.equal(fit('🐝🐝', 1), '');
  assert.equal(fit('abc', 80), 'abc');
});

test('columns line up whatever is in them', () => {
  const lines = alignColumns([
    ['system', 'n'],
    ['矩阵', '10'],
    ['🐝', '1'],
  ]);
  assert.deepEqual(lines, ['system   n', '矩阵    10', '🐝       1']);
});
