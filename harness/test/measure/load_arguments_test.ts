import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedSeconds } from '../../src/experiment/eta.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { planTrials } from '../../src/experiment/plan.js';
import type { System } from '../../src/experiment/systems.js';
import type { LaunchContext } from '../../src/launch/context.js';
import type { Launched } from '../../src/launch/launched.js';
import { loadArguments } from '../../src/measure/load.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';

const [trial = assert.fail('no trial')] = planTrials(EXPERIMENT);
const RPC_TCP = SYSTEMS[1] ?? assert.fail('no rpc-tcp');
const bounded = { ...EXPERIMENT, repetition: { ...EXPERIMENT.repetition, samples: 40 } };

/** The value of a flag of the load generator; undefined where it is not given. */
function flagOf(experiment: typeof EXPERIMENT, flag: string): string | undefined {
  const context = { experiment } as LaunchContext;
  const [trial = assert.fail('no trial')] = planTrials(experiment);
  const args = loadArguments(trial, context, { loadArguments: [] } as unknown as Launched, 's.csv');
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

test('a measurement begins after a second of load, and ends by time unless samples bound it', () => {
  assert.equal(flagOf(EXPERIMENT, '--warm-up'), '1');
  assert.equal(flagOf(EXPERIMENT, '--max-samples'), undefined);
  assert.equal(flagOf(bounded, '--max-samples'), '40');
  assert.equal(flagOf(bounded, '--duration'), flagOf(EXPERIMENT, '--duration'));
});

test('where requests may fail the load goes on, and a rate may change', () => {
  const faulty = { ...EXPERIMENT, axes: { ...EXPERIMENT.axes, faults: ['kill'] } };
  assert.equal(flagOf(EXPERIMENT, '--max-errors'), undefined);
  assert.equal(flagOf(faulty, '--max-errors'), '0');
  const tolerant = { ...EXPERIMENT, validity: { ...EXPERIMENT.validity, failed_share: 0.5 } };
  assert.equal(flagOf(tolerant, '--max-errors'), '0');
  const scheduled = (schedule: string) => {
    const load = { kind: 'open', arrivals: 'poisson', schedule } as const;
    return flagOf(
      { ...EXPERIMENT, load, axes: { ...EXPERIMENT.axes, rate_per_s: [50] } },
      '--rate-schedule',
    );
  };
  assert.equal(scheduled('constant'), undefined);
  assert.equal(scheduled('ramp:0.1:2'), 'ramp:0.1:2');
});

test('clients of a jittered load wait for as long as what polls may ask for once, others not at all', () => {
  const [system = assert.fail('no system')] = SYSTEMS.filter(({ name }) => name === 'rest-wasm');
  const load = { kind: 'closed', submit: 'jittered' } as const;
  const jitterOf = (change: Partial<System>, of: Experiment['load'] = load) =>
    flagOf({ ...EXPERIMENT, systems: [{ ...system, ...change }], load: of }, '--jitter');
  assert.equal(jitterOf({ dispatch: 'poll' }), '2');
  assert.equal(jitterOf({ dispatch: 'poll', collection: 'poll' }), '2');
  assert.equal(jitterOf({ collection: 'poll' }), '0.5');
  assert.equal(jitterOf({}), undefined);
  assert.equal(jitterOf({ dispatch: 'poll' }, EXPERIMENT.load), undefined);
});

test('a trial that samples bound is expected to take less time', () => {
  const { duration_s } = EXPERIMENT.repetition;
  const saved = expectedSeconds(trial.cell, EXPERIMENT) - expectedSeconds(trial.cell, bounded);
  assert.ok(saved > duration_s / 2 && saved < 2 * duration_s, `${saved} s of ${duration_s} s`);
});

test('a client of a front speaks HTTP to it, whatever the front speaks to its workers', () => {
  const clientOf = (system: System) => {
    const value = (flag: string) => flagOf({ ...EXPERIMENT, systems: [system] }, flag);
    return [value('--transport'), value('--connections'), value('--codec')];
  };
  assert.deepEqual(clientOf(RPC_TCP), ['tcp', undefined, undefined]);
  assert.deepEqual(clientOf({ ...RPC_TCP, topology: 'front' }), ['http', 'kept', undefined]);
  const perRequest: System = { ...RPC_TCP, topology: 'front', connections: 'per-request' };
  assert.deepEqual(clientOf(perRequest), ['http', 'per-request', undefined]);
});

test('a trial through a front is expected to take longer: its client sends text', () => {
  const expected = (system: System) => {
    const [of = trial] = planTrials({
      ...EXPERIMENT,
      systems: [system],
      axes: { ...EXPERIMENT.axes, n: [1024] },
    });
    return expectedSeconds(of.cell, EXPERIMENT);
  };
  assert.ok(expected({ ...RPC_TCP, topology: 'front' }) > expected(RPC_TCP) + 0.5);
});
