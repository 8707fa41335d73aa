import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planTrials } from '../../src/experiment/plan.js';
import { EXPERIMENT } from '../examples.js';

const TRIALS = planTrials(EXPERIMENT);
const CELLS = EXPERIMENT.systems.length * EXPERIMENT.axes.workers.length;
const names = (trials = TRIALS) => trials.map((trial) => trial.id);

test('each launch is a block that holds each cell once', () => {
  assert.equal(TRIALS.length, CELLS * EXPERIMENT.repetition.launches);
  for (let launch = 1; launch <= EXPERIMENT.repetition.launches; launch++) {
    const block = TRIALS.slice((launch - 1) * CELLS, launch * CELLS);
    assert.ok(block.every((trial) => trial.launch === launch));
    assert.equal(new Set(block.map((trial) => trial.cell.key)).size, CELLS);
  }
});

test('systems take turns: each has one trial in every round', () => {
  const width = EXPERIMENT.systems.length;
  for (let start = 0; start < TRIALS.length; start += width) {
    const round = TRIALS.slice(start, start + width).map((trial) => trial.cell.system.name);
    assert.equal(new Set(round).size, width, round.join(' '));
  }
});

test('neither the order of systems nor that of worker counts is the same in every round', () => {
  const rounds = new Set<string>();
  for (let start = 0; start < TRIALS.length; start += 3) {
    rounds.add(
      TRIALS.slice(start, start + 3)
        .map((trial) => trial.cell.system.name)
        .join(),
    );
  }
  assert.ok(rounds.size > 1);
  const counts = TRIALS.filter((trial) => trial.cell.system.name === 'local').map(
    (trial) => trial.cell.workers,
  );
  assert.notDeepEqual(counts.slice(0, 4), [1, 2, 4, 8]);
});

test('the seed decides the order', () => {
  assert.deepEqual(names(planTrials(EXPERIMENT)), names());
  assert.notDeepEqual(names(planTrials({ ...EXPERIMENT, seed: 2 })), names());
});

test('systems with fewer cells are spread over the block', () => {
  const trials = planTrials({
    ...EXPERIMENT,
    axes: { ...EXPERIMENT.axes, codec: ['json', 'binary'] },
    repetition: { ...EXPERIMENT.repetition, launches: 1 },
  });
  // Only rest-wasm has a choice: 8 cells against 4 of each other system.
  assert.equal(trials.length, 16);
  for (const half of [trials.slice(0, 8), trials.slice(8)]) {
    const own = half.filter((trial) => trial.cell.system.name === 'rest-wasm').length;
    assert.ok(own >= 3 && own <= 5, `${own} of 8`);
  }
});

test('over many seeds, each system comes first equally often', () => {
  const first = new Map<string, number>();
  for (let seed = 0; seed < 3000; seed++) {
    const name = planTrials({ ...EXPERIMENT, seed })[0]?.cell.system.name ?? '';
    first.set(name, (first.get(name) ?? 0) + 1);
  }
  for (const count of first.values()) assert.ok(Math.abs(count - 1000) < 120, `${count} of 3000`);
});

test('a trial is named after its place in the plan, its cell and its launch', () => {
  const trial = TRIALS[13];
  assert.equal(trial?.id, `014-${trial?.cell.system.name}-w${trial?.cell.workers}-l2`);
});
