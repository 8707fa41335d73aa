import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DurationHistogram } from '../src/measure/histogram.js';
import type { Measured } from '../src/measure/trial.js';
import { judge, verdictOf } from '../src/measure/validity.js';
import { RESULTS } from './examples.js';

const LIMITS = { steal_share: 0.1, other_load_share: 0.2, closure_share: 0.05, wrong: 0 };

const GOOD: Measured = {
  load: {
    event: 'done',
    samples: 9,
    wrong: 0,
    errors: 0,
    measured_s: 1,
    warm_up_samples: 1,
    warm_up_s: 1,
    steady: true,
  },
  measurement: {
    samples: 9,
    wrong: 0,
    errors: 0,
    unfinished: 0,
    firstError: '',
    throughputPerS: 9,
    medianResponseMs: 1,
    p95ResponseMs: 1,
    meanResponseMs: 1,
    computeShare: 1,
    meanPhasesMs: RESULTS.mean_phases_ms,
    medianClosureShare: 0,
    p99ClosureShare: 0,
    firstResponseMs: 1,
    workers: [],
    responses: DurationHistogram.empty(),
  },
  machine: { busy: 1, steal: 0, other: 0 },
  pressure: null,
  cpuS: {},
  metrics: '',
};

function tell(change: Partial<Measured>, measurement: Partial<Measured['measurement']> = {}) {
  const measured = { ...GOOD, ...change, measurement: { ...GOOD.measurement, ...measurement } };
  const problems = judge(measured, false, LIMITS);
  return [verdictOf(problems), ...problems.map(({ because }) => because)];
}

test('a trial within all limits counts', () => {
  assert.deepEqual(tell({}), ['valid']);
});

test('what the machine did makes a trial noisy, with the share and the limit', () => {
  assert.deepEqual(tell({ machine: { busy: 1, steal: 0.15, other: 0 } }), [
    'noisy',
    "15.0 % of the machine's time was taken by other guests of its host, more than 10.0 %",
  ]);
  assert.equal(tell({ machine: { busy: 1, steal: 0, other: 0.3 } })[0], 'noisy');
  assert.equal(tell({}, { medianClosureShare: 0.3 })[0], 'noisy');
});

test('the reading of clocks is no part of a request that the phases owe', () => {
  const short = { medianClosureShare: 0.3, medianResponseMs: 2e-4 };
  assert.deepEqual(tell({}, short), ['valid']);
  assert.equal(tell({}, { ...short, medianResponseMs: 4e-3 })[0], 'noisy');
});

test('what went wrong in the trial itself is graver', () => {
  const noisy = { machine: { busy: 1, steal: 0.5, other: 0 } };
  assert.equal(tell(noisy, { wrong: 1 })[0], 'failed');
  assert.equal(tell({}, { errors: 1, firstError: 'gone' })[1], '1 failed requests (first: gone)');
  assert.equal(tell({}, { samples: 0 })[0], 'failed');
  assert.match(tell({ attachedPages: 2 })[1] ?? '', /2 worker pages had a debugger/);
});
