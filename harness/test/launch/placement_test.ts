import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { allowedProcessors, moveTo } from '../../src/base/processors.js';
import {
  checkPlacement,
  placementOf,
  processorsOfWorkers,
} from '../../src/experiment/placement.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';
import { launchFakes } from '../launches.js';
import { processorsOf } from '../machine.js';

const RPC_TCP = SYSTEMS.find(({ name }) => name === 'rpc-tcp') as (typeof SYSTEMS)[0];

function workersOf(pin: 'free' | 'apart' | 'together', processors: number[], count: number) {
  const placement = placementOf(pin, processors);
  return Array.from({ length: count }, (_, i) => placement.worker(i + 1));
}

test('apart: each part has a processor of its own, as far as there are enough', () => {
  const of = (processors: number[]) => {
    const { loadGenerator, between, workers } = placementOf('apart', processors);
    return { loadGenerator, between, workers };
  };
  assert.deepEqual(of([0, 1, 2, 3]), { loadGenerator: [0], between: [1], workers: [2, 3] });
  assert.deepEqual(of([4, 6]), { loadGenerator: [4], between: [4], workers: [6] });
  assert.deepEqual(workersOf('apart', [0, 1, 2, 3], 3), [[2], [3], [2]]);
  assert.deepEqual(workersOf('apart', [4, 6], 3), [[6], [6], [6]]);
});

test('apart on a single processor is refused, with what there is', () => {
  assert.throws(() => placementOf('apart', [3]), UsageError);
  assert.throws(() => placementOf('apart', [3]), /'apart' needs two processors, and only 1 may/);
});

test('workers may use as many processors as their placement leaves to them', () => {
  const of = (pin: 'free' | 'apart' | 'together') =>
    [1, 2, 3, 8].map((count) => processorsOfWorkers(pin, count));
  assert.deepEqual(of('free'), [1, 2, 3, 8]);
  assert.deepEqual(of('together'), [1, 1, 1, 1]);
  assert.deepEqual(of('apart'), [1, 1, 1, 6]);
});

test('what does not fit is refused before anything is launched', () => {
  const experiment = { ...EXPERIMENT, systems: [RPC_TCP] };
  const apart = { ...experiment, axes: { ...EXPERIMENT.axes, pin: ['apart' as const] } };
  const duet = { ...experiment, duet: true };
  checkPlacement(experiment, [0]);
  checkPlacement(apart, [0, 1]);
  checkPlacement(duet, [0, 1]);
  assert.throws(() => checkPlacement(apart, [3]), /rpc-tcp w1.*: pin 'apart' needs two processors/);
  assert.throws(() => checkPlacement(duet, [3]), /a duet needs two processors, and only 1 may/);
  assert.throws(
    () => checkPlacement({ ...apart, duet: true }, [0, 1]),
    /pin 'apart' needs two processors, and only 1 may be used/,
  );
});

test('together: all on the first; free: as the kernel likes', () => {
  const { loadGenerator, between } = placementOf('together', [2, 3]);
  assert.deepEqual([loadGenerator, between], [[2], [2]]);
  assert.equal(placementOf('free').loadGenerator, null);
  assert.deepEqual(workersOf('together', [2, 3], 2), [[2], [2]]);
  assert.deepEqual(workersOf('free', [2, 3], 2), [
    [2, 3],
    [2, 3],
  ]);
});

test('workers, and a front before them, are started where they are placed', async (t) => {
  const [first = 0] = allowedProcessors();
  const { launched } = await launchFakes(t, { ...RPC_TCP, topology: 'front' }, { pin: 'together' });
  const processes = await launched.processes();
  assert.equal(processes.length, 3);
  for (const { pid } of processes) {
    for (const each of processorsOf(pid ?? assert.fail('no process'))) {
      assert.deepEqual(each, [first]);
    }
  }
});

test('a process that runs is moved with all its threads', async (t) => {
  const [first = 0] = allowedProcessors();
  const { launched } = await launchFakes(t, RPC_TCP);
  const [process] = await launched.processes();
  const pid = process?.pid ?? assert.fail('no process');
  moveTo([first], pid);
  for (const each of processorsOf(pid)) assert.deepEqual(each, [first]);
});

test('to move a process that is not there is an error that names it', () => {
  assert.throws(() => moveTo([0], 2 ** 22), /cannot move process 4194304 to processors 0: .+/);
});
