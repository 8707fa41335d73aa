import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf, summaryCsv, summaryIn } from '../../src/analysis/summary.js';
import { EXPERIMENT, makeRow, summaryOf } from '../examples.js';
import { manifestOf } from '../run_folder.js';

const NOW = layoutOf(manifestOf(EXPERIMENT));
const { axes: _, ...WITHOUT_AXES } = manifestOf(EXPERIMENT);
const OF_VERSION_2 = layoutOf({ ...WITHOUT_AXES, schema_version: 2 });

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
      cell.time_slicing,
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
  assert.deepEqual([waiting?.time_slicing, waiting?.non_default_browser], [false, false]);
  assert.deepEqual([flagged?.time_slicing, flagged?.non_default_browser], [true, true]);
});

test('without one worker there is no speed-up', () => {
  const [cell] = summaryOf([trial('a', 2, 1, 20)]);
  assert.equal(cell?.speed_up, undefined);
});

test('a cell has the closure error of its requests, the 99th percentile since version 3', () => {
  const results = { median_closure_share: 0.001, p99_closure_share: 0.03 };
  const cells = summaryOf([makeRow({ system: 'a', workers: 4 }, results)]);
  assert.equal(cells[0]?.closure_share.value, 0.001);
  assert.equal(cells[0]?.p99_closure_share?.value, 0.03);
  assert.match(summaryCsv(NOW, cells), /,closure_share_high,p99_closure_share,/);
  assert.ok(!('p99_closure_share' in (summaryIn(OF_VERSION_2, cells)[0] ?? {})));
  assert.doesNotMatch(summaryCsv(OF_VERSION_2, cells), /p99_closure_share/);
});

test('runs whose manifest lists no axes have those that there were in their version', () => {
  const cells = summaryOf([trial('a', 4, 1, 20)]);
  const headerOf = (layout: typeof NOW) => summaryCsv(layout, cells).split('\n')[0];
  assert.equal(headerOf(layoutOf(WITHOUT_AXES)), headerOf(NOW));
  assert.match(
    headerOf(OF_VERSION_2) ?? '',
    /^cell,system,engine,transport,codec,kernel,dispatch,workers,n,in_flight,rate_per_s,browsers,attached,time_slicing,launches,/,
  );
});

test('summary.csv has three columns for each estimate', () => {
  const csv = summaryCsv(NOW, summaryOf([trial('a', 4, 1, 20)]));
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
