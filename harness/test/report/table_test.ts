import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable } from '../../src/report/table.js';
import { makeRow, summaryOf } from '../examples.js';

test('the table has a row per cell, aligned, with systems apart', () => {
  const rows = [
    makeRow({ system: 'local', workers: 1 }, { throughput_per_s: 1234.4 }),
    makeRow({ system: 'local', workers: 4 }, { throughput_per_s: 2468.8 }),
    makeRow({ system: 'rest-wasm', workers: 2 }, { median_response_ms: 0.01234 }),
  ];
  const lines = renderTable(summaryOf(rows), 2).split('\n');
  assert.deepEqual(
    lines.slice(0, 6).map((line) => line.replaceAll('─', '').trimEnd()),
    [
      'system     workers  tasks/s  median ms  mean ms  p95 ms  compute  speed-up  other load',
      '',
      'local            1     1234       4.00     4.20    6.00   50.0 %      1.00       0.0 %',
      'local            4     2469       4.00     4.20    6.00   50.0 %      2.00       0.0 %  oversubscribed',
      '',
      'rest-wasm        2      250     0.0123     4.20    6.00   50.0 %         –       0.0 %',
    ],
  );
  assert.match(lines.join('\n'), /One launch: no interval/);
  assert.match(lines.join('\n'), /more workers than the 2 cores/);
});

test('where workers may use fewer processors than the machine has, those are what they are too many for', () => {
  const table = renderTable(summaryOf([makeRow({ workers: 2, pin: 'together' })]), 2);
  assert.match(table, /^oversubscribed: more workers than the processors that they may use, /m);
});

test('with several launches, values have intervals', () => {
  const rows = [10, 12, 14].map((throughput, i) =>
    makeRow({ launch: i + 1 }, { throughput_per_s: throughput }),
  );
  const table = renderTable(summaryOf(rows), 2);
  // Launches that agree exactly say nothing about how they vary.
  assert.match(table, /11\.9 ± 5\.12 +4\.00 +4\.20 +6\.00 /);
  assert.match(table, /95 % interval/);
});

test('the launch in which other programs used most is what is shown of a cell', () => {
  const shares = [0.001, 0.034, Number.NaN];
  const rows = shares.map((machine_other_share, i) =>
    makeRow({ launch: i + 1 }, { machine_other_share }),
  );
  assert.match(renderTable(summaryOf(rows), 2), / 3\.4 %$/m);
  const unknown = makeRow({}, { machine_other_share: Number.NaN });
  assert.match(renderTable(summaryOf([unknown]), 2), /^local .* –$/m);
});

test('throughput that is not known is no number', () => {
  const jittered = { throughput_per_s: Number.NaN, jitter_s: 0.5 };
  const rows = [1, 2].map((launch) => makeRow({ launch }, jittered));
  const table = renderTable(summaryOf(rows), 2);
  assert.match(table, /^local +1 +– +4\.00 /m);
  assert.match(table, /^– for tasks\/s and speed-up: the load is jittered; its clients wait /m);
  assert.doesNotMatch(table, /too few samples/);
});

test('without a valid trial the table says so', () => {
  assert.match(renderTable([], 2), /no trial succeeded/);
});

test('an axis that varies within a system is a column, and invalid launches are counted', () => {
  const rows = [
    makeRow({ cell: 'local w1 n8', n: 8 }),
    makeRow({ cell: 'local w1 n64', n: 64 }),
    makeRow({ cell: 'local w1 n64', n: 64, launch: 2, valid: false, verdict: 'noisy' }),
  ];
  const lines = renderTable(summaryOf(rows), 2).split('\n');
  assert.match(lines[0] ?? '', /^system +workers +n +tasks/);
  assert.match(lines[2] ?? '', /^local +1 +8 /);
  assert.match(lines[3] ?? '', /^local +1 +64 .* 1 invalid$/);
});

test('workers that wait, and browsers with flags, are called what they are', () => {
  const rows = [
    makeRow({ cell: 'a w16', system: 'a', workers: 16, service_ms: 100 }),
    makeRow({ cell: 'b w1', system: 'b' }),
    makeRow({ cell: 'b w1 f', system: 'b', browser_flags: 'revectorize' }),
  ];
  const table = renderTable(summaryOf(rows), 2);
  assert.match(table, /^a +16 .* service time 100 ms$/m);
  assert.doesNotMatch(table, /oversubscribed/);
  assert.match(table, /^b +1 +none [^:]*$/m);
  assert.match(table, /^b +1 +revectorize .* non-default browser flags: revectorize$/m);
  assert.match(table, /^service time: workers hold each task/m);
  assert.match(table, /^non-default browser flags: not what a user's browser does/m);
});

test('a percentile that too few samples carry is not shown', () => {
  const table = renderTable(summaryOf([makeRow({}, { samples: 100 })]), 2);
  assert.match(table, /4\.00 +4\.20 +– +50/);
  assert.match(table, /–: too few samples/);
});
