import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectedFault } from '../../src/experiment/faults.js';
import { FaultEffectsCount, kindOfError } from '../../src/measure/fault_effects.js';
import type { Sample } from '../../src/measure/samples.js';

const WINDOW = { warm_up_s: 1, measured_s: 10, open: false };

function fault(at_s: number | null, until_s: number | null = null): InjectedFault {
  return { kind: 'freeze', of: 'w1', part: 'worker-1', planned_s: 3, at_s, until_s };
}

/** Times in seconds after the measured time began. */
function sample(beganS: number, endedS: number, change: Partial<Sample> = {}): Sample {
  return {
    stage: endedS < 0 ? 'warm-up' : endedS < 10 ? 'measured' : 'tail',
    outcome: 'ok',
    error: '',
    worker: 'w1',
    startMs: 1000 * (WINDOW.warm_up_s + beganS),
    responseMs: 1000 * (endedS - beganS),
    latenessMs: 0,
    clockErrorMs: 0,
    unaccountedMs: 0,
    phasesMs: [],
    ...change,
  };
}

/** Products that took 9 ms, a hundred in each second of the measured time but those from `from` to `to`. */
function steady(from = 10, to = 10): Sample[] {
  return Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 100)
    .filter((endedS) => endedS < from || endedS >= to)
    .map((endedS) => sample(endedS - 0.009, endedS));
}

function effectsOf(faults: InjectedFault[], samples: readonly Sample[]) {
  const count = new FaultEffectsCount(WINDOW, faults);
  for (const each of samples) count.record(each);
  return count.result();
}

const recoveryOf = (...args: Parameters<typeof effectsOf>) => {
  const [recovery = assert.fail('no recovery')] = effectsOf(...args).recoveries;
  return recovery.recovered_s === null ? null : Number(recovery.recovered_s.toFixed(6));
};

test('a system has recovered when a second of it is as good as before', () => {
  assert.equal(recoveryOf([fault(3)], steady(3, 5)), 1.9);
  assert.equal(recoveryOf([fault(3)], steady(3.2, 5)), 1.9);
});

test('one that does not miss the part has recovered at once, and one that never is back has not', () => {
  assert.equal(recoveryOf([fault(3)], steady()), 0);
  assert.equal(recoveryOf([fault(3, 9.5)], steady()), 0);
  assert.equal(recoveryOf([fault(3)], steady(4, 10)), null);
});

test('a dip that begins long after the fault was over is not of the fault', () => {
  assert.equal(recoveryOf([fault(3, 4)], steady(7, 8)), 0);
  assert.equal(recoveryOf([fault(3, 7)], steady(7, 8)), 4.9);
});

test('nothing is known without a fault, without a time before it, or where the next one comes first', () => {
  assert.equal(recoveryOf([fault(null)], steady()), null);
  assert.equal(recoveryOf([fault(0)], steady()), null);
  assert.equal(recoveryOf([fault(3), fault(3.5)], steady(3, 5)), null);
});

test('requests are held until the last of those that a fault met has ended', () => {
  const held = [sample(2.9, 4.5), sample(3.1, 9), sample(2, 2.9)];
  const [recovery] = effectsOf([fault(3)], held).recoveries;
  assert.ok(Math.abs((recovery?.held_s ?? 0) - 1.5) < 1e-9);
  assert.equal(effectsOf([fault(3)], [sample(4, 5)]).recoveries[0]?.held_s, null);
});

test('requests are counted from the measured time on, by how they ended', () => {
  const error = (text: string) => sample(5, 6, { outcome: 'error', error: text });
  const { recoveries: _, ...counts } = effectsOf(
    [fault(3)],
    [
      sample(-0.5, -0.1),
      sample(1, 2),
      sample(9, 11),
      sample(2, 3, { outcome: 'wrong', error: 'element (0, 0) is 3, expected 2' }),
      sample(2, 9, { outcome: 'unfinished', error: 'unfinished after 7000 ms' }),
      error('http://127.0.0.1:8080: cannot connect: Connection refused'),
      error(
        'http://127.0.0.1:8080: task 7 has failed: no product after 3 attempts; the last: lost',
      ),
      error('http://127.0.0.1:8080: Connection reset by peer'),
      error('message delivered of call 3, expected an answer to call 4'),
    ],
  );
  assert.deepEqual(counts, {
    accepted: 7,
    completed: 2,
    refused: 1,
    failed: 1,
    lost: 3,
    wrong: 1,
    duplicated: 1,
  });
});

test('what a failed request says decides whether it was refused, failed or lost', () => {
  const kinds = {
    'http://h:1: cannot connect: Connection refused': 'refused',
    'http://h:1: POST /task?wait=20000: 503: all 64 connections are taken (--max-connections)':
      'refused',
    'http://h:1: POST /task?wait=20000: 429: the queue is full': 'refused',
    'no worker could multiply 64 × 64 by 64 × 64; 127.0.0.1:1: cannot connect': 'failed',
    'http://h:1: no product after 3 attempts; the last: its lease ran out': 'failed',
    'http://h:1: GET /result/7?wait=20000: 404: no such task': 'lost',
    'http://h:1: the coordinator closed the connection with 1006 ""': 'lost',
    'something that nobody has thought of': 'lost',
  };
  for (const [error, kind] of Object.entries(kinds)) assert.equal(kindOfError(error), kind, error);
});
