import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryCsv } from '../../src/analysis/summary.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { EXPERIMENT, makeRow, summaryOf } from '../examples.js';
import { manifestOf } from '../run_folder.js';

const MANIFEST = manifestOf(EXPERIMENT);

const trial = (system: string, workers: number, launch: number, throughput: number) =>
  makeRow({ system, workers, launch }, { throughput_per_s: throughput });

test('a cell is the geometric mean over its valid launches; cells keep the order of the plan', () => {
  const rows = [
    trial('b', 4, 1, 40),
    trial('b', 1, 1, 10),
    trial('a', 1, 1, 100),
    trial('b', 1, 2, 14.4),
    makeRow({ system: 'b', workers: 1, launch: 3, valid: false }, { throughput_per_s: 1e9 }),
  ];
  const cells = summaryOf(rows);
  assert.deepEqual(
    cells.map((cell) => [
      cell.cell,
      cell.launches,
      cell.invalid,
      Math.round(cell.throughput_per_s.value * 1e9) / 1e9,
      cell.oversubscribed,
    ]),
    [
      ['b w4', 1, 0, 40, true],
      ['b w1', 2, 1, 12, false],
      ['a w1', 1, 0, 100, false],
    ],
  );
});

test('speed-up is paired within a block', () => {
  const rows = [
    trial('a', 1, 1, 10),
    trial('a', 2, 1, 20),
    trial('a', 1, 2, 100),
    trial('a', 2, 2, 180),
  ];
  const [one, two] = summaryOf(rows);
  assert.equal(one?.speed_up?.value, 1);
  // The geometric mean of 2 and 1.8, not 200 / 110.
  assert.ok(Math.abs((two?.speed_up?.value ?? 0) - Math.sqrt(3.6)) < 1e-12);
});

test('speed-up is over the same cell with one worker', () => {
  const rows = [
    makeRow({ cell: 'a w1 n8', workers: 1, n: 8 }, { throughput_per_s: 10 }),
    makeRow({ cell: 'a w1 n64', workers: 1, n: 64 }, { throughput_per_s: 1 }),
    makeRow({ cell: 'a w2 n64', workers: 2, n: 64 }, { throughput_per_s: 3 }),
  ];
  assert.equal(summaryOf(rows)[2]?.speed_up?.value, 3);
});

test('workers that wait take no turns, and flags that no user has are told', () => {
  const [waiting, flagged] = summaryOf([
    makeRow({ system: 'a', workers: 256, service_ms: 1000 }),
    makeRow({ system: 'b', workers: 4, browser_flags: 'revectorize' }),
  ]);
  assert.deepEqual([waiting?.oversubscribed, waiting?.non_default_browser], [false, false]);
  assert.deepEqual([flagged?.oversubscribed, flagged?.non_default_browser], [true, true]);
});

test('a cell is oversubscribed by the processors that its workers may use', () => {
  const duet = { partner: 'the other', processors: [2, 3] };
  const at = (cores: number, row: Partial<TrialRow>) =>
    summaryOf([makeRow({ workers: 2, ...row })], cores)[0]?.oversubscribed;
  assert.equal(at(2, { pin: 'free' }), false);
  assert.equal(at(8, { pin: 'together' }), true);
  assert.deepEqual([at(3, { pin: 'apart' }), at(4, { pin: 'apart' })], [true, false]);
  assert.deepEqual([at(4, { duet }), at(4, { duet, workers: 3 })], [false, true]);
  assert.equal(at(4, { duet, pin: 'apart' }), true);
});

test('without one worker there is no speed-up', () => {
  const [cell] = summaryOf([trial('a', 2, 1, 20)]);
  assert.equal(cell?.speed_up, undefined);
});

test('a cell has the unaccounted time of its requests, median and 99th percentile', () => {
  const results = { median_unaccounted_share: 0.001, p99_unaccounted_share: 0.03 };
  const cells = summaryOf([makeRow({ system: 'a', workers: 4 }, results)]);
  assert.equal(cells[0]?.unaccounted_share.value, 0.001);
  assert.equal(cells[0]?.p99_unaccounted_share?.value, 0.03);
  assert.match(summaryCsv(MANIFEST, cells), /,unaccounted_share_high,p99_unaccounted_share,/);
});

test('summary.csv has three columns for each estimate', () => {
  const csv = summaryCsv(MANIFEST, summaryOf([trial('a', 4, 1, 20)]));
  const [header = '', row = ''] = csv.split('\n').map((line) => line);
  const fields = Object.fromEntries(
    header.split(',').map((name, i) => [name, row.split(',')[i] ?? '']),
  );
  assert.equal(fields['cell'], 'a w4');
  assert.equal(fields['throughput_per_s'], '20');
  assert.equal(fields['throughput_per_s_low'], '');
  assert.equal(fields['fewest_samples'], '500');
  assert.equal(fields['speed_up_high'], '');
  assert.equal(header.split(',').length, row.split(',').length);
});
