/**
 * Faults that are injected while real systems are measured: the trial counts, what was done is in its
 * result, and what was accepted is answered.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment } from '../../src/experiment/experiment.js';
import type { Fault } from '../../src/experiment/faults.js';
import type { FaultEffects } from '../../src/measure/fault_effects.js';
import type { EndedTrial } from '../../src/measure/trial.js';
import { experimentOf, Trials } from './trials.js';

const trials = new Trials();

interface Faulty extends EndedTrial {
  readonly effects: FaultEffects;
}

/** A valid trial of two workers, 3 s long, in which these faults are injected. */
async function run(
  system: string,
  plan: Fault[],
  rate?: number,
  more: Partial<Experiment['axes']> = {},
): Promise<Faulty> {
  const axes = { workers: [2], lease_s: [1], faults: ['plan'], ...more };
  const rates = rate === undefined ? {} : { rate_per_s: [rate] };
  const open = { kind: 'open', arrivals: 'poisson', schedule: 'constant' } as const;
  const experiment: Experiment = {
    ...experimentOf(system, 3, { ...axes, ...rates }),
    ...(rate !== undefined && { load: open }),
    faults: { plan },
  };
  const ended = await trials.run(experiment, () => undefined);
  assert.equal(ended.validity, 'valid', ended.invalidBecause);
  const effects = ended.measured?.measurement.faultEffects;
  assert.ok(effects);
  return { ...ended, effects };
}

const AT = { at_s: 1 };

for (const [system, program] of [
  ['rpc-tcp', 'matmul-worker-1'],
  ['ws-native', 'swarm-worker-1'],
  ['rest-native', 'swarm-worker-1'],
] as const) {
  test(`a worker of two that is killed (${system}) loses nothing, and the trial counts`, async () => {
    const { injected, effects, endings } = await run(system, [{ ...AT, kind: 'kill', of: 'w1' }]);
    const [{ at_s, ...killed } = assert.fail('no fault')] = injected ?? [];
    assert.deepEqual(killed, {
      ...{ kind: 'kill', of: 'w1', part: program },
      ...{ planned_s: 1, until_s: null },
    });
    assert.ok((at_s ?? 0) >= 1);
    assert.equal(endings[program], 'SIGKILL');
    const { lost, failed, wrong, duplicated, accepted, completed } = effects;
    assert.deepEqual(
      { lost, failed, wrong, duplicated },
      { lost: 0, failed: 0, wrong: 0, duplicated: 0 },
    );
    assert.ok(completed > 0 && completed === accepted);
  });
}

test('a tab of two that is killed, for good or not, loses nothing', async () => {
  const kill: Fault = { ...AT, kind: 'kill', of: 'w1' };
  for (const fault of [kill, { ...kill, restart_after_s: 0.5 }]) {
    const { injected, effects } = await run('ws-wasm', [fault]);
    assert.equal(injected?.[0]?.part, 'tab of w1');
    assert.equal((injected?.[0]?.until_s ?? 0) >= 1.5, 'restart_after_s' in fault);
    assert.deepEqual([effects.lost, effects.wrong], [0, 0]);
  }
});

for (const [load, rate] of [
  ['closed', undefined],
  ['open', 100],
] as const) {
  test(`a coordinator that is away for a while does not end a load (${load})`, async () => {
    const kill: Fault = { ...AT, kind: 'kill', of: 'server', restart_after_s: 0.5 };
    const { injected, effects, measured } = await run('ws-native', [kill], rate);
    assert.equal(injected?.[0]?.part, 'coordinator');
    assert.ok(effects.refused > 0, 'no request was refused by a coordinator that was not there');
    assert.equal(measured?.load.measured_s, 3);
  });
}

test('workers that are frozen, slowed, cut off or lie, and a burst, end no trial', async () => {
  const { injected } = await run('rpc-tcp', [
    { at_s: 0.5, kind: 'freeze', of: 'w1', for_s: 0.3 },
    { at_s: 1, kind: 'slow', of: 'w2', for_s: 0.3, share: 0.5 },
    { at_s: 1.5, kind: 'disconnect', of: 'w1', for_s: 0.3 },
    { at_s: 2, kind: 'burst', for_s: 0.3, count: 4 },
    { at_s: 2.6, kind: 'corrupt', of: 'w2' },
  ]);
  assert.deepEqual(
    injected?.map(({ part }) => part),
    ['matmul-worker-1', 'matmul-worker-2', 'matmul-worker-1', null, 'matmul-worker-2'],
  );
  const burst = injected?.find(({ kind }) => kind === 'burst');
  assert.ok((burst?.load?.samples ?? 0) > 0);
});

test('slow readers and retries of a coordinator end no trial', async () => {
  const { effects } = await run('rest-native', [
    { at_s: 0.5, kind: 'slow-readers', for_s: 0.5, count: 8 },
    { at_s: 1.2, kind: 'retry-storm', for_s: 0.5, count: 8 },
    { at_s: 2, kind: 'disconnect', of: 'w1', for_s: 0.2 },
  ]);
  assert.deepEqual([effects.lost, effects.wrong], [0, 0]);
});

test('what a worker returns that lies is done by another, where products are verified', async () => {
  const plan: Fault[] = [{ at_s: 0.5, kind: 'corrupt', of: 'w1' }];
  for (const system of ['rest-native', 'ws-native']) {
    const { effects } = await run(system, plan, undefined, { verify: ['all'] });
    assert.deepEqual([effects.lost, effects.failed, effects.wrong], [0, 0, 0], system);
    assert.ok(effects.completed > 0, system);
  }
});

test('with a journal nothing is lost by a full disk, nor by a coordinator that is killed', async () => {
  const plan: Fault[] = [
    { at_s: 0.5, kind: 'full-disk', of: 'server', for_s: 0.5 },
    { at_s: 1.5, kind: 'kill', of: 'server', restart_after_s: 0.2 },
  ];
  const { injected, effects } = await run('rest-native', plan, undefined, { journal: ['normal'] });
  assert.deepEqual(
    injected?.map(({ part }) => part),
    ['coordinator', 'coordinator'],
  );
  const { lost, failed, wrong, refused, accepted, completed } = effects;
  assert.deepEqual({ lost, failed, wrong, refused }, { lost: 0, failed: 0, wrong: 0, refused: 0 });
  assert.ok(completed > 0 && completed === accepted);
});
