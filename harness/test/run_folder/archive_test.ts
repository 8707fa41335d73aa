import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutZeros } from '../../src/run_folder/archive.js';

test('a page of metrics is kept without the series that are 0', () => {
  const page = [
    '# HELP tasks_total Tasks, of which 0',
    '# TYPE tasks_total counter',
    'tasks_total{outcome="failed"} 0',
    'tasks_total{outcome="product"} 10',
    'seconds_sum 0.0',
    'seconds_count 0',
    'bytes 100',
    '',
  ];
  const kept = page.filter((line) => !line.endsWith('} 0') && !line.endsWith('count 0'));
  assert.equal(withoutZeros(page.join('\n')), kept.join('\n'));
});
