import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable } from '../src/report/report.js';
import { summarise } from '../src/report/summary.js';
import { makeRow } from './examples.js';

test('the table has a row per cell, aligned, with systems apart', () => {
  const rows = [
    makeRow({ system: 'local', workers: 1 }, { throughput_per_s: 1234.4 }),
    makeRow({ system: 'local', workers: 4 }, { throughput_per_s: 2468.8 }),
    makeRow({ system: 'rest-wasm', workers: 2 }, { median_response_ms: 0.01234 }),
  ];
  const lines = renderTable(summarise(rows, ['local', 'rest-wasm'], 2), 2).split('\n');
  assert.deepEqual(
    lines.slice(0, 6).map((line) => line.replaceAll('─', '').trimEnd()),
    [
      'system     workers  tasks/s  median ms  p95 ms  compute  speed-up',
      '',
      'local            1     1234       4.00    6.00   50.0 %      1.00',
      'local            4     2469       4.00    6.00   50.0 %      2.00  time-slicing',
      '',
      'rest-wasm        2      250     0.0123    6.00   50.0 %         –',
    ],
  );
  assert.match(lines.join('\n'), /One launch: no interval/);
  assert.match(lines.join('\n'), /more workers than the 2 cores/);
});

test('with several launches, values have intervals', () => {
  const rows = [10, 12, 14].map((throughput, i) =>
    makeRow({ launch: i + 1 }, { throughput_per_s: throughput }),
  );
  const table = renderTable(summarise(rows, ['local'], 2), 2);
  assert.match(table, /12\.0 ± 4\.97/);
  assert.match(table, /95 % interval/);
});

test('without a valid trial the table says so', () => {
  assert.match(renderTable([], 2), /No trial ended well/);
});
