import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedSeconds } from '../../src/experiment/eta.js';
import { planTrials } from '../../src/experiment/plan.js';
import type { LaunchContext } from '../../src/launch/context.js';
import type { Launched } from '../../src/launch/launched.js';
import { loadArguments } from '../../src/measure/load.js';
import { EXPERIMENT } from '../examples.js';

const [trial = assert.fail('no trial')] = planTrials(EXPERIMENT);
const bounded = { ...EXPERIMENT, repetition: { ...EXPERIMENT.repetition, samples: 40 } };

/** The value of a flag of the load generator; undefined where it is not given. */
function flagOf(experiment: typeof EXPERIMENT, flag: string): string | undefined {
  const context = { experiment } as LaunchContext;
  const args = loadArguments(trial, context, { loadArguments: [] } as unknown as Launched, 's.csv');
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

test('a measurement begins after a second of load, and ends by time unless samples bound it', () => {
  assert.equal(flagOf(EXPERIMENT, '--warm-up'), '1');
  assert.equal(flagOf(EXPERIMENT, '--max-samples'), undefined);
  assert.equal(flagOf(bounded, '--max-samples'), '40');
  assert.equal(flagOf(bounded, '--duration'), flagOf(EXPERIMENT, '--duration'));
});

test('a trial that samples bound is expected to take less time', () => {
  const { duration_s } = EXPERIMENT.repetition;
  const saved = expectedSeconds(trial.cell, EXPERIMENT) - expectedSeconds(trial.cell, bounded);
  assert.ok(saved > duration_s / 2 && saved < 2 * duration_s, `${saved} s of ${duration_s} s`);
});
