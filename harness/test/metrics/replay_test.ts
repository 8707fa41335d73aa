import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf } from '../../src/experiment/cells.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { replay } from '../../src/metrics/replay.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { EXPERIMENT, makeRow, SYSTEMS } from '../examples.js';

const SMALL: Experiment = {
  ...EXPERIMENT,
  systems: SYSTEMS.slice(0, 2),
  axes: { ...EXPERIMENT.axes, workers: [1], n: [128] },
};
const [LOCAL = '', RPC = ''] = cellsOf(SMALL).map(({ key }) => key);
const ID = '20250101T000000Z-1a2b3c';
const start = Date.parse('2025-01-01T00:00:00Z');
const at = (s: number) => new Date(start + s * 1000).toISOString();

/** A trial of a cell from `from` to `to`, in seconds since the first of them. */
function rowOf(cell: string, from: number, to: number, more: Partial<TrialRow> = {}): TrialRow {
  return makeRow({ cell, started_at: at(from), ended_at: at(to), ...more });
}

/** The points of a metric of a system, with times in seconds since the first trial. */
async function pointsOf(
  rows: readonly TrialRow[],
  metric: string,
  system: string,
): Promise<[number, string][]> {
  const text = (await replay({ id: ID, experiment: SMALL, rows })).toOpenMetrics();
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`));
  return lines
    .filter((line) => line.includes(`system="${system}"`))
    .map((line) => line.split('} ')[1]?.split(' ') as [string, string])
    .map(([value, timeS]) => [Number(timeS) - start / 1000, value]);
}

test('a trial is there from its start to its end, and its cell from then on', async () => {
  const rows = [rowOf(LOCAL, 0, 3), rowOf(RPC, 4, 9), rowOf(LOCAL, 10, 13)];
  assert.deepEqual(await pointsOf(rows, 'enxame_trial_running', 'local'), [
    [0, '1'],
    [3, 'NaN'],
    [10, '1'],
    [13, 'NaN'],
  ]);
  assert.deepEqual(await pointsOf(rows, 'enxame_load_throughput_tasks_per_second', 'rpc-tcp'), [
    [4, '250'],
    [9, 'NaN'],
  ]);
  // The second trial came to the same.
  assert.deepEqual(await pointsOf(rows, 'enxame_cell_median_response_seconds', 'local'), [
    [3, '0.004'],
  ]);
});

test('families, labels and the end are as OpenMetrics has them', async () => {
  const history = await replay({ id: ID, experiment: SMALL, rows: [rowOf(LOCAL, 0, 3)] });
  const text = history.toOpenMetrics();
  assert.match(text, /^# TYPE enxame_run_trials counter\n# HELP enxame_run_trials Trials /m);
  const labels = `job="harness",run="${ID}",system="local",workers="1",verdict="valid"`;
  assert.ok(text.includes(`enxame_run_trials_total{${labels}} 1 ${start / 1000 + 3}.000\n`), text);
  assert.match(text, /\n# EOF\n$/);
  assert.doesNotMatch(text, /enxame_trial_stage|enxame_machine|process_/);
  const { series, points } = history.size;
  assert.equal(text.split('\n').filter((line) => line && !line.startsWith('#')).length, points);
  assert.ok(series < points);
});

test('what stays the same is repeated before Prometheus forgets it, but not between sessions', async () => {
  const rows = [rowOf(LOCAL, 0, 3), rowOf(RPC, 4, 604), rowOf(RPC, 90_000, 90_003)];
  const times = async (metric: string, system: string) =>
    (await pointsOf(rows, metric, system)).map(([timeS]) => timeS);
  assert.deepEqual(
    await times('enxame_cell_median_response_seconds', 'local'),
    [3, 244, 484, 90_003],
  );
  assert.deepEqual(
    await times('enxame_trial_running', 'rpc-tcp'),
    [4, 244, 484, 604, 90_000, 90_003],
  );
});

test('two trials at the same time are each there', async () => {
  const rows = [rowOf(LOCAL, 0, 3), rowOf(RPC, 0, 3)];
  for (const system of ['local', 'rpc-tcp']) {
    assert.deepEqual(await pointsOf(rows, 'enxame_trial_running', system), [
      [0, '1'],
      [3, 'NaN'],
    ]);
    const medians = await pointsOf(rows, 'enxame_cell_median_response_seconds', system);
    assert.deepEqual(medians, [[3, '0.004']]);
  }
});

test('points follow each other in time, whatever was done to the clock', async () => {
  const rows = [rowOf(LOCAL, 0, 3), rowOf(LOCAL, 2, 4), rowOf(LOCAL, -5, 5)];
  const times = (await pointsOf(rows, 'enxame_trial_running', 'local')).map(([timeS]) => timeS);
  assert.deepEqual(
    times,
    [...new Set(times)].sort((a, b) => a - b),
  );
});

test('a trial that does not count is counted as such, and shows nothing of its cell', async () => {
  const { results: _, ...failed } = rowOf(LOCAL, 0, 3, { valid: false, verdict: 'failed' });
  assert.deepEqual(await pointsOf([failed], 'enxame_cell_median_response_seconds', 'local'), []);
  const text = (await replay({ id: ID, experiment: SMALL, rows: [failed] })).toOpenMetrics();
  assert.match(text, /^enxame_run_trials_total\{.*system="local".*verdict="failed"\} 1 /m);
});

test('a run without trials, and a trial of no cell, are refused with what there is', async () => {
  const replayed = (rows: TrialRow[]) => replay({ id: ID, experiment: SMALL, rows });
  await assert.rejects(replayed([]), /^UsageError: 20250101T000000Z-1a2b3c has no trials yet$/);
  await assert.rejects(
    replayed([rowOf('local w3', 0, 3, { trial: '007-local-w3-l1' })]),
    /^UsageError: 007-local-w3-l1: the experiment has no cell 'local w3'; expected one of local w1, rpc-tcp w1$/,
  );
});
