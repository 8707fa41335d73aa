import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, cellsOf } from '../../src/experiment/cells.js';
import type { InjectedFault } from '../../src/experiment/faults.js';
import type { System } from '../../src/experiment/systems.js';
import { DurationHistogram } from '../../src/measure/histogram.js';
import type { Measured } from '../../src/measure/measured.js';
import { judge, validityOf } from '../../src/measure/validity.js';
import { DONE, EXPERIMENT, RESULTS, SYSTEMS } from '../examples.js';

const LIMITS = {
  steal_share: 0.1,
  other_load_share: 0.05,
  unaccounted_share: 0.05,
  failed_share: 0,
  wrong: 0,
};

const REST = { busy: 1, steal: 0, other: 0, throttled: null };

const GOOD: Measured = {
  load: DONE,
  measurement: {
    samples: 9,
    effectiveSamples: 9,
    wrong: 0,
    errors: 0,
    refused: 0,
    unfinished: 0,
    firstError: '',
    throughputPerS: 9,
    medianResponseMs: 1,
    p95ResponseMs: 1,
    meanResponseMs: 1,
    computeShare: 1,
    meanPhasesMs: RESULTS.mean_phases_ms,
    medianUnaccountedShare: 0,
    p99UnaccountedShare: 0,
    meanLatenessMs: 0,
    meanClockErrorMs: 0,
    firstResponseMs: 1,
    workers: [],
    silences: [],
    levelShift: null,
    responses: DurationHistogram.empty(),
  },
  machine: REST,
  pressure: null,
  observedS: 2,
  jitterS: 0,
  cpuS: {},
  migrations: null,
  readyMs: {},
  metrics: '',
  unobserved: [],
};

function cell(change: Partial<Cell> = {}): Cell {
  const [system] = SYSTEMS.filter(({ name }) => name === 'rest-wasm');
  const [first] = cellsOf({ ...EXPERIMENT, systems: [system as System] });
  return { ...(first as Cell), workers: 2, inFlight: 'per-worker', ...change };
}

function tell(
  change: Partial<Measured>,
  measurement: Partial<Measured['measurement']> = {},
  of: Partial<Cell> = {},
  { injected = [], limits = LIMITS }: { injected?: InjectedFault[]; limits?: typeof LIMITS } = {},
) {
  const whole = { ...GOOD, ...change, measurement: { ...GOOD.measurement, ...measurement } };
  const problems = judge({ ...whole, injected }, cell(of), limits);
  return [validityOf(problems), ...problems.map(({ because }) => because)];
}

test('a trial within all limits counts', () => {
  assert.deepEqual(tell({}), ['valid']);
});

test('what the machine did makes a trial noisy, with the share and the limit', () => {
  assert.deepEqual(tell({ machine: { ...REST, steal: 0.15 } }), [
    'noisy',
    '15.0 % of the processor time was taken by other guests of the host, more than 10.0 %',
  ]);
  assert.equal(tell({ machine: { ...REST, other: 0.06 } })[0], 'noisy');
  assert.equal(tell({}, { medianUnaccountedShare: 0.3 })[0], 'noisy');
});

test('the reading of clocks is no part of a request that the phases owe', () => {
  const short = { medianUnaccountedShare: 0.3, medianResponseMs: 2e-4 };
  assert.deepEqual(tell({}, short), ['valid']);
  assert.equal(tell({}, { ...short, medianResponseMs: 4e-3 })[0], 'noisy');
});

test('what went wrong in the trial itself is graver', () => {
  const noisy = { machine: { ...REST, steal: 0.5 } };
  assert.equal(tell(noisy, { wrong: 1 })[0], 'failed');
  assert.equal(tell({}, { errors: 1, firstError: 'gone' })[1], '1 failed requests (first: gone)');
  assert.equal(tell({}, { samples: 0 })[0], 'failed');
  assert.match(tell({ attachedPages: 2 })[1] ?? '', /2 worker pages had a debugger/);
});

test('a load generator that was stopped makes a trial invalid, one that waited for a core does not', () => {
  const stopped = { stopped_ms: 4000, longest_stop_ms: 3900 };
  assert.deepEqual(tell({ load: { ...DONE, ...stopped, measured_s: 12 } }), [
    'failed',
    'the load generator did not run for 4.0 s of the measured time (3.9 s at once), more than 250 ms: it or its machine was stopped',
  ]);
  assert.deepEqual(tell({ load: { ...DONE, stopped_ms: 240 } }), ['valid']);
  assert.deepEqual(tell({ load: { ...DONE, stopped_ms: 500, measured_s: 60 } }), ['valid']);
  assert.deepEqual(tell({ load: { ...DONE, starved_ms: 900 } }), ['valid']);
});

test('a machine that slept makes a trial invalid', () => {
  assert.match(tell({ load: { ...DONE, suspended_ms: 7e3 } })[1] ?? '', /suspended for 7\.0 s/);
});

test('lateness is noise where it is a part of the response time that can be seen', () => {
  const open = { inFlight: null, ratePerS: 10 };
  const late = { meanResponseMs: 20, meanLatenessMs: 5 };
  assert.deepEqual(tell({}, late, open), [
    'noisy',
    '25.0 % of the response time is lateness of the load generator (5 ms on average), more than 10.0 %',
  ]);
  // A fast system on an idle machine: the kernel's wake-up.
  assert.deepEqual(tell({}, { meanResponseMs: 0.25, meanLatenessMs: 0.08 }, open), ['valid']);
  assert.deepEqual(tell({}, { meanResponseMs: 5000, meanLatenessMs: 5 }, open), ['valid']);
  // Files of long ago do not tell.
  assert.deepEqual(tell({}, { meanLatenessMs: Number.NaN }, open), ['valid']);
});

test('a worker that fell silent makes a trial invalid where it always had something to do', () => {
  const silences = [
    { worker: 'w1', longestMs: 80 },
    { worker: 'w2', longestMs: 3300 },
  ];
  const load = { ...DONE, measured_s: 10 };
  const because = 'worker w2 delivered no products for 3.3 s of the measured time, more than 3.0 s';
  assert.deepEqual(tell({ load }, { samples: 300, silences }), ['failed', because]);
  assert.deepEqual(tell({ load }, { samples: 300, silences }, { inFlight: 4 }), [
    'failed',
    because,
  ]);
  const idle: Partial<Cell>[] = [
    { inFlight: 1 },
    { inFlight: null, ratePerS: 3 },
    { split: 'rows' },
    // Each holds its task for a second, or comes for one every two seconds.
    { serviceMs: 1000 },
    { system: { ...cell().system, dispatch: 'poll' } },
  ];
  for (const of of idle)
    assert.deepEqual(tell({ load }, { samples: 300, silences }, of), ['valid']);
  // Few tasks, each of seconds: as long as ten of them is nothing to speak of.
  assert.deepEqual(tell({ load }, { samples: 20, silences }), ['valid']);
  assert.deepEqual(tell({ load }, { samples: 10, silences }), ['valid']);
});

test('a worker that never delivered is missed', () => {
  const silences = [{ worker: 'w1', longestMs: 80 }];
  const told = ['failed', '1 of 2 workers delivered no products'];
  assert.deepEqual(tell({}, { samples: 100, silences }), told);
  assert.deepEqual(tell({}, { samples: 100, silences }, { split: 'rows' }), ['valid']);
});

test('tasks that came back make a trial invalid, as far as the coordinator counts them', () => {
  const line = (reason: string, count: number) =>
    `enxame_task_returns_total{system="rest-wasm",workers="2",reason="${reason}"} ${count}\n`;
  assert.deepEqual(tell({ metrics: line('lease-expired', 2) + line('lost', 0) }), [
    'failed',
    '2 tasks came back without a product (lease-expired)',
  ]);
  assert.deepEqual(tell({ metrics: line('given-back', 3) }), ['valid']);
  assert.deepEqual(tell({ metrics: null }), ['valid']);
});

test('what could not be observed on the side is no reason against a trial', () => {
  const machine = { ...REST, other: Number.NaN };
  assert.deepEqual(tell({ machine, metrics: null, cpuS: {}, unobserved: ['metrics: no'] }), [
    'valid',
  ]);
});

const KILLED: InjectedFault = {
  kind: 'kill',
  of: 'w1',
  part: 'swarm-worker-1',
  planned_s: 1,
  at_s: 1.001,
  until_s: null,
};
const FAULTY = { faults: 'kill-worker' };

test('what faults do to the requests is measured, and no reason against the trial', () => {
  const disturbed = { errors: 3, firstError: 'connection reset', samples: 900 };
  const metrics = 'enxame_task_returns_total{reason="lost"} 2\n';
  const silences = [{ worker: 'w2', longestMs: 3 }];
  assert.equal(tell({ metrics }, { ...disturbed, silences })[0], 'failed');
  const injected = [KILLED];
  assert.deepEqual(tell({ metrics }, { ...disturbed, silences }, FAULTY, { injected }), ['valid']);
});

test('wrong products count against a trial unless its workers were to lie', () => {
  const wrong = { wrong: 2, firstError: 'element (1, 2) is' };
  assert.equal(tell({}, wrong, FAULTY, { injected: [KILLED] })[0], 'failed');
  const injected = [{ ...KILLED, kind: 'corrupt' as const }];
  assert.deepEqual(tell({}, wrong, FAULTY, { injected }), ['valid']);
});

test('a trial whose faults were not injected does not count', () => {
  const [late, failed] = [
    { ...KILLED, at_s: null },
    { ...KILLED, failed: 'there is no worker w1' },
  ];
  assert.deepEqual(tell({}, {}, FAULTY, { injected: [late, failed] }), [
    'failed',
    'the fault kill of w1 was not injected as planned: the load ended before',
    'the fault kill of w1 was not injected as planned: there is no worker w1',
  ]);
});

test('so many requests may fail as the experiment allows', () => {
  const limits = { ...LIMITS, failed_share: 0.25 };
  const overload = { errors: 3, samples: 9, firstError: 'full' };
  assert.deepEqual(tell({}, overload, {}, { limits }), ['valid']);
  assert.deepEqual(tell({}, { ...overload, errors: 4 }, {}, { limits }), [
    'failed',
    '4 failed requests, more than 25.0 % (first: full)',
  ]);
});
