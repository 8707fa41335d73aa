import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPreciseEnough, nextBeyondPlan } from '../../src/analysis/stop_rule.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { EXPERIMENT, makeRow, SYSTEMS } from '../examples.js';

const experiment: Experiment = {
  ...EXPERIMENT,
  systems: SYSTEMS.slice(0, 2),
  axes: { ...EXPERIMENT.axes, workers: [1] },
  stop: {
    measure: 'median_response_ms',
    relative_half_width: 0.05,
    budget_s: 100,
    most_launches: 12,
  },
};

/** Trials of three seconds each, whose launches of `system` had these medians. */
function rowsOf(system: string, ...medians: number[]) {
  return medians.map((median_response_ms, i) =>
    makeRow(
      { system, launch: i + 1, trial: `${i + 1}-${system}-l${i + 1}` },
      { median_response_ms },
    ),
  );
}

const STEADY = rowsOf('local', ...Array.from({ length: 8 }, (_, i) => 4 + 0.001 * i));
const WILD = rowsOf('rpc-tcp', 4, 5, 3.6, 4.4, 5.2, 3.9, 4.1, 4.8);

test('the cell that is not yet precise gets the next launch, under a name of its own', () => {
  const trial = nextBeyondPlan(experiment, [...STEADY, ...WILD], 10);
  assert.equal(trial?.cell.key, 'rpc-tcp w1');
  assert.equal(trial?.launch, 9);
  assert.equal(trial?.id, '017-rpc-tcp-w1-l9');
  assert.equal(isPreciseEnough(experiment, [...STEADY, ...WILD]), false);
});

test('no further launch when all are precise, or none was asked for', () => {
  const steady = [...STEADY, ...rowsOf('rpc-tcp', 8, 8, 8, 8, 8, 8, 8, 8)];
  assert.equal(nextBeyondPlan(experiment, steady, 10), undefined);
  assert.equal(isPreciseEnough(experiment, steady), true);
  assert.equal(nextBeyondPlan({ ...experiment, stop: null }, WILD, 10), undefined);
  assert.equal(isPreciseEnough({ ...experiment, stop: null }, WILD), true);
});

test('no launch begins that would end after the budget, nor one too many', () => {
  const rows = [...STEADY, ...WILD];
  assert.ok(nextBeyondPlan(experiment, rows, 96));
  assert.equal(nextBeyondPlan(experiment, rows, 98), undefined);
  const many = [...STEADY, ...rowsOf('rpc-tcp', 4, 5, 3.6, 4.4, 5.2, 3.9, 4.1, 4.8, 4, 5, 4, 5)];
  assert.equal(nextBeyondPlan(experiment, many, 10), undefined);
  assert.equal(isPreciseEnough(experiment, many), false);
});

test('a launch that does not count says nothing of its cell, and one that was interrupted never ran', () => {
  const rows = [...STEADY, ...rowsOf('rpc-tcp', 8, 8, 8, 8, 8, 8, 8, 8)];
  const noisy = makeRow({ system: 'rpc-tcp', launch: 9, valid: false, verdict: 'noisy' });
  assert.equal(nextBeyondPlan(experiment, [...rows, noisy], 10), undefined);
  const interrupted = makeRow({
    ...{ system: 'rpc-tcp', launch: 9, trial: '017-rpc-tcp-w1-l9' },
    ...{ valid: false, verdict: 'interrupted' as const },
  });
  const wild = nextBeyondPlan(experiment, [...STEADY, ...WILD, interrupted], 10);
  assert.equal(wild?.id, '017-rpc-tcp-w1-l9');
});
