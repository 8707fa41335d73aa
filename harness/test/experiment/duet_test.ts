import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { cellsOf } from '../../src/experiment/cells.js';
import { counterpartOf, sideOf } from '../../src/experiment/duet.js';
import { type Experiment, makeExperiment } from '../../src/experiment/experiment.js';
import { planTrials } from '../../src/experiment/plan.js';
import { partsOf } from '../../src/run/duet.js';
import { SYSTEMS } from '../examples.js';

const QUESTION = 'Which of the two is faster?';

function duet(systems: string[], file = {}): Experiment {
  const order = { duet: true };
  const axes = { workers: [1, 2], n: [8, 16] };
  return makeExperiment(
    'duet',
    { question: QUESTION, systems, axes, order, ...file },
    {},
    SYSTEMS,
    1,
    (path) => path.join('.'),
  );
}

test('each cell has a counterpart: the other system under the same conditions', () => {
  const cells = cellsOf(duet(['rpc-tcp', 'rest-wasm']));
  assert.equal(cells.length, 8);
  for (const cell of cells) {
    const other = counterpartOf(cell, cells);
    assert.notEqual(other.system.name, cell.system.name);
    assert.deepEqual([other.workers, other.n], [cell.workers, cell.n]);
  }
});

test('what is not two systems under the same conditions is refused, with what there is', () => {
  const plan =
    (...args: Parameters<typeof duet>) =>
    () =>
      planTrials(duet(...args));
  assert.throws(plan(['rpc-tcp']), /measures two systems at the same time, not 1 \(rpc-tcp\)/);
  assert.throws(plan(['local', 'rpc-tcp', 'rest-wasm']), UsageError);
  assert.throws(
    plan(['rpc-tcp', 'rest-wasm'], { most_workers: { 'rest-wasm': 1 } }),
    /'rpc-tcp w2 n8' needs one cell of the other system under the same conditions; found none/,
  );
  assert.throws(
    plan(['rpc-tcp', 'rest-wasm'], { repetition: { samples: 100 } }),
    /repetition\.samples: of a duet both systems are measured for the same time, not until one of them has 100/,
  );
  const stop = { relative_half_width: 0.05, budget_s: 60 };
  assert.throws(plan(['rpc-tcp', 'rest-wasm'], { stop }), /stop: a duet launches both systems/);
});

test('the two halves of the processors have nothing in common, and change hands in each block', () => {
  for (const processors of [
    [0, 1],
    [2, 3, 5],
    [0, 1, 2, 3],
  ]) {
    for (const block of [1, 2]) {
      const [first, second] = [sideOf(true, block, processors), sideOf(false, block, processors)];
      assert.equal(first.length, Math.floor(processors.length / 2));
      assert.equal(new Set([...first, ...second]).size, first.length + second.length);
      assert.deepEqual(sideOf(true, block + 1, processors), second);
    }
  }
  assert.throws(() => sideOf(true, 1, [4]), /needs two processors, and only 1 may be used/);
});

test('a trial is run with that of its counterpart in the same block', () => {
  const experiment = duet(['rpc-tcp', 'rest-wasm']);
  const plan = planTrials(experiment);
  for (const trial of plan) {
    const [own, other] = partsOf(trial, plan, experiment);
    assert.equal(own?.trial, trial);
    assert.equal(other?.trial.launch, trial.launch);
    assert.equal(own?.duet?.partner, other?.trial.id);
    assert.equal(other?.duet?.partner, trial.id);
  }
});
