import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Claim, checkClaims } from '../../src/analysis/claims.js';
import { launchOf, makeRow } from '../examples.js';

const COUNTS = { accepted: 100, completed: 98, refused: 0, failed: 0, wrong: 0, duplicated: 0 };

const killed = (launch: number, lost: number, recovered_s: number) => {
  const recoveries = [{ recovered_s, held_s: 0.25 * launch }];
  const effects = { ...COUNTS, lost, recoveries };
  return launchOf(makeRow({ launch }, { fault_effects: effects, repeated_attempts: 1 }));
};

const problemsOf = (
  measure: Claim['measure'],
  value: number,
  trials = [killed(1, 0, 2.5), killed(2, 2, 1.5)],
  more: Partial<Claim> = {},
) =>
  checkClaims(
    [{ claim: 'so', cell: 'local w1', measure, value, tolerance: 0.01, place: 'c:1', ...more }],
    trials,
  ).join('\n');

test('what faults did is claimed as the sum, or the longest, over launches', () => {
  assert.equal(problemsOf('lost', 2), '');
  assert.equal(problemsOf('wrong', 0), '');
  assert.equal(problemsOf('repeated', 2), '');
  assert.equal(problemsOf('recovered_s', 2.5), '');
  assert.equal(problemsOf('held_s', 0.5), '');
  assert.match(problemsOf('lost', 0), /lost: 0 is claimed .*; the samples give 2/);
  assert.match(problemsOf('recovered_s', 2.4), /the samples give 2\.5/);
});

test('nothing is claimed of faults that were not injected, nor a ratio or bounds of what they did', () => {
  assert.match(problemsOf('lost', 0, [launchOf(makeRow({}))]), /no valid trial to support it/);
  assert.match(problemsOf('lost', 1, undefined, { over: 'local w1' }), /no valid trial/);
  assert.match(problemsOf('lost', 2, undefined, { interval: [1, 3] }), /the samples give none/);
});
