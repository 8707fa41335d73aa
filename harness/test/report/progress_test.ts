import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planTrials } from '../../src/experiment/plan.js';
import type { EndedTrial } from '../../src/measure/trial.js';
import { clock, Progress } from '../../src/report/progress.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { EXPERIMENT, makeRow } from '../examples.js';

const TRIALS = planTrials({
  ...EXPERIMENT,
  systems: EXPERIMENT.systems.slice(0, 1),
  repetition: { ...EXPERIMENT.repetition, launches: 1 },
});

/** Runs all trials, each of which takes ten seconds, and returns what was written. */
function tell({
  isTTY = false,
  columns = 60,
  env = {},
  invalidBecause = '',
  earlier = [] as TrialRow[],
  ofCell = [] as TrialRow[],
  measured = {} as Pick<EndedTrial, 'measured'>,
}): string {
  const ended: EndedTrial = {
    validity: invalidBecause === '' ? 'valid' : 'failed',
    invalidBecause,
    loadAverageBefore: 0,
    endings: {},
    ...measured,
  };
  let written = '';
  let nowMs = 0;
  const output = { isTTY, columns, write: (text: string) => (written += text) };
  const progress = new Progress(output, EXPERIMENT, TRIALS, earlier, () => nowMs, env);
  const done = new Set(earlier.map((row) => row.trial));
  for (const trial of TRIALS.filter(({ id }) => !done.has(id))) {
    progress.begin(trial);
    progress.update({ event: 'launching' });
    nowMs += 4000;
    progress.update({ event: 'warm-up', elapsed_s: 1, samples: 9, steady_workers: 1 });
    nowMs += 6000;
    progress.end(ended, ofCell);
  }
  progress.clear();
  return written;
}

test('slow systems have a rate, too, and a jittered load none', () => {
  const lineOf = (throughputPerS: number) => {
    const measurement = { throughputPerS, medianResponseMs: 2001 };
    const measured = { measured: { measurement } } as unknown as Pick<EndedTrial, 'measured'>;
    return tell({ measured }).split('\n')[0] ?? '';
  };
  assert.match(lineOf(0.4997), / 0\.5 tasks\/s, median 2000 ms,/);
  assert.match(lineOf(15745.3), / 15745 tasks\/s, median 2000 ms,/);
  assert.match(lineOf(Number.NaN), /: median 2000 ms,/);
});

test('what was done to a system is told with its trial', () => {
  const injected = [
    { kind: 'kill', of: 'w1', part: 'swarm-worker-1', planned_s: 4, at_s: 4.0021, until_s: null },
    { kind: 'burst', of: null, part: null, planned_s: 6, at_s: 6, until_s: 7 },
  ] as const;
  const measurement = { throughputPerS: 250, medianResponseMs: 4 };
  const measured = { injected, measured: { measurement } } as unknown as Pick<
    EndedTrial,
    'measured'
  >;
  assert.match(
    tell({ measured }),
    / 250 tasks\/s, median 4 ms, kill of swarm-worker-1 at 4\.002 s, burst at 6\.000 s,/,
  );
});

test('without a terminal there is a line for each trial, with an estimate from those before', () => {
  const lines = tell({ invalidBecause: 'it rained' }).split('\n');
  const keys = TRIALS.map((trial) => trial.cell.key);
  // Trials with more workers are expected to be a little longer.
  const rounded = lines.map((line) =>
    line.replace(/0:(\d\d) left/, (_, s) => `0:${10 * Math.round(s / 10)} left`),
  );
  assert.deepEqual(rounded.slice(0, 4), [
    `[1/4] ${keys[0]}: INVALID: it rained, about 0:30 left`,
    `[2/4] ${keys[1]}: INVALID: it rained, about 0:20 left`,
    `[3/4] ${keys[2]}: INVALID: it rained, about 0:10 left`,
    `[4/4] ${keys[3]}: INVALID: it rained, done`,
  ]);
});

test('a resumed run counts on', () => {
  const earlier = TRIALS.slice(0, 2).map(({ id }) => makeRow({ trial: id }));
  const lines = tell({ earlier, invalidBecause: 'x' }).trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(0, 5)),
    ['[3/4]', '[4/4]'],
  );
});

test('with a second launch there is a running estimate of the median', () => {
  const ofCell = [4, 5].map((median_response_ms) => makeRow({}, { median_response_ms }));
  assert.match(tell({ ofCell }), /\(2 launches: 4\.47 ± \d/);
  assert.doesNotMatch(tell({ ofCell: ofCell.slice(1) }), /launches/);
});

test('on a terminal one line is kept up to date, never wider than it, and removed', () => {
  const text = tell({ isTTY: true, env: { NO_COLOR: '1' } });
  const updates = text.split('\r\x1b[K').slice(1);
  assert.equal(updates.length, 2 * TRIALS.length + 1);
  assert.ok(updates.every((update) => update.length < 60 && !update.includes('\n')));
  assert.match(updates[3] ?? '', /^\[2\/4\].*: warming up, 9 tasks, 1 work/);
  assert.equal(updates.at(-1), '');
});

test('on a terminal without a width the figures are shown all the same', () => {
  const env = { NO_COLOR: '1' };
  assert.equal(tell({ isTTY: true, columns: 0, env }), tell({ isTTY: true, columns: 80, env }));
  const narrow = tell({ isTTY: true, columns: 9, env }).split('\r\x1b[K').slice(1);
  assert.ok(narrow.every((update) => update.length < 9));
});

test('on a terminal, too, an invalid trial is not missed', () => {
  const text = tell({ isTTY: true, invalidBecause: 'it rained' });
  assert.equal(text.match(/INVALID: it rained, .*\n/g)?.length, TRIALS.length);
});

test('NO_COLOR and TERM=dumb are respected', () => {
  assert.ok(tell({ isTTY: true }).includes('\x1b[1m'));
  assert.ok(!tell({ isTTY: true, env: { NO_COLOR: '1' } }).includes('\x1b[1m'));
  assert.ok(tell({ isTTY: true, env: { NO_COLOR: '' } }).includes('\x1b[1m'));
  assert.ok(!tell({ isTTY: true, env: { TERM: 'dumb' } }).includes('\x1b'));
});

test('durations are written as on a clock', () => {
  assert.deepEqual(
    [clock(0), clock(42_400), clock(725_000), clock(3_723_000)],
    ['0:00', '0:42', '12:05', '1:02:03'],
  );
});
