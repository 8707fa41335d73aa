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

test('cells that are compared are neighbours: conditions come one after the other', () => {
  const trials = planTrials({
    ...EXPERIMENT,
    axes: { ...EXPERIMENT.axes, n: [8, 64], codec: ['json', 'binary'] },
    most_workers: { 'rest-wasm': 2 },
  });
  const conditions = trials.map(({ cell, launch }) => `${launch} w${cell.workers} n${cell.n}`);
  const changes = conditions.filter((each, i) => each !== conditions[i - 1]);
  assert.equal(changes.length, new Set(conditions).size, conditions.join(', '));
  assert.equal(changes.length, EXPERIMENT.repetition.launches * 4 * 2);
});

test('over many seeds, each system follows each other one equally often', () => {
  const counts = new Map<string, number>();
  const two = { ...EXPERIMENT, repetition: { ...EXPERIMENT.repetition, launches: 1 } };
  for (let seed = 0; seed < 2000; seed++) {
    const [first, second] = planTrials({ ...two, seed }).map(({ cell }) => cell.system.name);
    counts.set(`${first} ${second}`, (counts.get(`${first} ${second}`) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(Math.abs(count - 333) < 80, `${count} of 2000`);
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
