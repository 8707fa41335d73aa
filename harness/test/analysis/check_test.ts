import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckedRun, check } from '../../src/analysis/check.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import type { TrialResults, TrialRow } from '../../src/run_folder/rows.js';
import { EXPERIMENT, launchOf, makeRow, SYSTEMS } from '../examples.js';

const axes = { ...EXPERIMENT.axes, workers: [1, 4] };
const TWO: Experiment = { ...EXPERIMENT, axes, systems: SYSTEMS.slice(0, 2) };

interface More {
  readonly workers?: number;
  readonly cores?: number;
  readonly row?: Partial<TrialRow>;
  readonly results?: object;
}

/** A run in which local takes 2 ms, and rpc-tcp so many times as long in each of its launches. */
function run(ratios: number[], more: More = {}) {
  const { workers = 1, cores = 2, row = {}, results = {} } = more;
  const of = (system: string, ms: number, launch: number) =>
    launchOf(
      makeRow({ ...row, system, workers, launch }, {
        median_response_ms: ms,
        ...results,
      } as TrialResults),
    );
  const launches = ratios.flatMap((ratio, i) => [
    of('local', 2, i + 1),
    of('rpc-tcp', 2 * ratio, i + 1),
  ]);
  return { experiment: TWO, cores, launches } satisfies CheckedRun;
}

const THREE_TIMES = run([3, 3.03, 2.97]);
const verdict = (reference: CheckedRun, found: CheckedRun, factor = 1.5) => {
  const [one] = check(reference, found, factor);
  return [one?.verdict, one?.because];
};

test('a run passes in which the same cell is slower, by about as much', () => {
  const [one, ...others] = check(THREE_TIMES, run([4, 4.1, 4]), 1.5);
  assert.deepEqual(others, []);
  const { cell, over, measure, verdict, because, found } = one ?? {};
  assert.deepEqual(
    { cell, over, measure, verdict, because },
    {
      cell: 'rpc-tcp w1',
      over: 'local w1',
      measure: 'median_response_ms',
      verdict: 'pass',
      because: '',
    },
  );
  assert.ok(Math.abs((found?.value ?? 0) - 4.03) < 0.01);
});

test('it fails where the other one is slower, or the ratio is another one', () => {
  assert.deepEqual(verdict(run([1.2, 1.21, 1.19]), run([0.9, 0.91, 0.9])), [
    'fail',
    'the other one is slower here',
  ]);
  assert.deepEqual(verdict(THREE_TIMES, run([6, 6.1, 6])), [
    'fail',
    '2.01 times as large as in the reference',
  ]);
  assert.deepEqual(verdict(THREE_TIMES, run([6, 6.1, 6]), 2.5), ['pass', '']);
  assert.deepEqual(verdict(THREE_TIMES, run([1.5])), [
    'fail',
    '2.00 times as small as in the reference',
  ]);
});

test('cells that the reference does not tell apart may come in either order', () => {
  assert.deepEqual(verdict(run([1.02, 0.99, 1.01]), run([0.9, 0.91, 0.9])), ['pass', '']);
});

test('launches that differ too much decide nothing', () => {
  assert.equal(verdict(run([1.2, 1.21, 1.19]), run([0.8, 1, 1.1]))[0], 'unsure');
  assert.equal(verdict(THREE_TIMES, run([3, 6, 9]))[0], 'unsure');
});

test('what was not measured, or is oversubscribed on one machine alone, is left out', () => {
  assert.equal(verdict(THREE_TIMES, run([3, 3], { workers: 4 }))[0], 'left out');
  const [two, eight] = [2, 8].map((cores) => run([3, 3.1], { workers: 4, cores }));
  assert.equal(verdict(two as CheckedRun, eight as CheckedRun)[0], 'left out');
  assert.equal(verdict(two as CheckedRun, two as CheckedRun)[0], 'pass');
});

test('a duet bears out no run of one system after the other', () => {
  const duet = run([3, 3.1], { row: { duet: { partner: 'the other', processors: [0, 1] } } });
  assert.equal(verdict(THREE_TIMES, duet)[0], 'left out');
  assert.equal(verdict(duet, duet)[0], 'pass');
});

test('placement on as many processors of either machine is oversubscribed on both', () => {
  const [two, eight] = [2, 8].map((cores) =>
    run([3, 3.1], { workers: 4, cores, row: { pin: 'together' } }),
  );
  assert.equal(verdict(two as CheckedRun, eight as CheckedRun)[0], 'pass');
});

test('where one of the runs carries no median, means are checked', () => {
  const few = run([3, 3.1], { results: { samples: 12, mean_response_ms: 4 } });
  const [one] = check(THREE_TIMES, few, 4);
  assert.equal(one?.measure, 'mean_response_ms');
});
