import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise, summaryCsv } from '../src/report/summary.js';
import { makeRow } from './examples.js';

const trial = (system: string, workers: number, launch: number, throughput: number) =>
  makeRow({ system, workers, launch }, { throughput_per_s: throughput });

test('a cell is the mean over its valid launches; cells are ordered by system, then workers', () => {
  const rows = [
    trial('b', 4, 1, 40),
    trial('b', 1, 1, 10),
    trial('a', 1, 1, 100),
    trial('b', 1, 2, 14),
    makeRow({ system: 'b', workers: 1, launch: 3, valid: false }, { throughput_per_s: 1e9 }),
  ];
  const cells = summarise(rows, ['a', 'b'], 2);
  assert.deepEqual(
    cells.map((cell) => [
      cell.system,
      cell.workers,
      cell.launches,
      cell.throughput_per_s.value,
      cell.time_slicing,
    ]),
    [
      ['a', 1, 1, 100, false],
      ['b', 1, 2, 12, false],
      ['b', 4, 1, 40, true],
    ],
  );
});

test('speed-up is paired within a launch', () => {
  const rows = [
    trial('a', 1, 1, 10),
    trial('a', 2, 1, 20),
    trial('a', 1, 2, 100),
    trial('a', 2, 2, 180),
  ];
  const [one, two] = summarise(rows, ['a'], 2);
  assert.equal(one?.speed_up?.value, 1);
  // The mean of 2 and 1.8, not 200 / 110.
  assert.equal(two?.speed_up?.value, 1.9);
});

test('without one worker there is no speed-up', () => {
  const [cell] = summarise([trial('a', 2, 1, 20)], ['a'], 2);
  assert.equal(cell?.speed_up, undefined);
});

test('summary.csv has three columns for each estimate', () => {
  const csv = summaryCsv(summarise([trial('a', 4, 1, 20)], ['a'], 2));
  const [header = '', row = ''] = csv.split('\n');
  assert.ok(
    header.startsWith(
      'system,workers,time_slicing,launches,samples,fewest_samples,throughput_per_s,throughput_per_s_low',
    ),
  );
  assert.equal(row, 'a,4,true,1,500,500,20,,,4,,,6,,,0.5,,,,,');
});
