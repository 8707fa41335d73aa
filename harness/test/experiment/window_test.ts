/** For how long a cell is measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, cellsOf } from '../../src/experiment/cells.js';
import { expectedSeconds } from '../../src/experiment/eta.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import type { System } from '../../src/experiment/systems.js';
import { longerWindows, windowSeconds } from '../../src/experiment/window.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';

const [TAB = assert.fail('no system')] = SYSTEMS.filter(({ name }) => name === 'rest-wasm');
const POLLING: System = { ...TAB, name: 'polling', dispatch: 'poll' };

/** One worker of a system, measured for 2 s. */
function alone(system: System, change: Partial<Experiment> = {}): [Cell, Experiment] {
  const axes = { ...EXPERIMENT.axes, workers: [1] };
  const experiment = { ...EXPERIMENT, systems: [system], axes, ...change };
  const [cell = assert.fail('no cell')] = cellsOf(experiment);
  return [cell, experiment];
}

test('the window of a system that answers often is the duration of the experiment', () => {
  assert.equal(windowSeconds(...alone(TAB)), 2);
  assert.equal(longerWindows(alone(TAB)[1]), undefined);
});

test('that of a system that polls is long enough for a median, and is told', () => {
  const [cell, experiment] = alone(POLLING);
  const seconds = windowSeconds(cell, experiment);
  assert.ok(seconds >= 24 * 2 && seconds < 24 * 2.1, `${seconds} s`);
  assert.equal(
    longerWindows(experiment),
    `measured for longer than 2 s, until 24 responses can be expected: polling w1 for ${seconds} s`,
  );
  assert.ok(expectedSeconds(cell, experiment) > seconds);
});

test('more requests in flight than workers bring no more responses of a worker that polls', () => {
  const axes = { ...EXPERIMENT.axes, workers: [1], in_flight: [8] };
  assert.equal(windowSeconds(...alone(POLLING, { axes })), windowSeconds(...alone(POLLING)));
});

test('clients that wait before they submit wait less for the answer: it comes as often', () => {
  const load = { kind: 'closed', submit: 'jittered' } as const;
  assert.equal(windowSeconds(...alone(POLLING, { load })), windowSeconds(...alone(POLLING)));
});

test('a duration that is long enough stays, and so does what samples bound', () => {
  const repetition = { ...EXPERIMENT.repetition, duration_s: 60 };
  assert.equal(windowSeconds(...alone(POLLING, { repetition })), 60);
  const bounded = { ...EXPERIMENT.repetition, samples: 10 };
  const seconds = windowSeconds(...alone(POLLING, { repetition: bounded }));
  assert.ok(seconds >= 10 * 2 && seconds < 10 * 2.1, `${seconds} s`);
});

test('both sides of a duet are measured for as long as the slower one needs', () => {
  const systems = [TAB, POLLING];
  const [cell, experiment] = alone(TAB, { systems, duet: true });
  assert.equal(cell.system, TAB);
  assert.equal(windowSeconds(cell, experiment), windowSeconds(...alone(POLLING)));
});

test('of many cells the first few are named', () => {
  const axes = { ...EXPERIMENT.axes, n: [8, 16, 32, 64, 128, 256], workers: [1] };
  assert.match(
    longerWindows(alone(POLLING, { axes })[1]) ?? '',
    /: polling w1 n8 for [\d.]+ s, .*polling w1 n64 for [\d.]+ s, 2 more cells$/,
  );
});
