import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { listExperiments, readExperiment } from '../../src/experiment/catalogue.js';
import { cellsOf } from '../../src/experiment/cells.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { CELL_LABELS, labelsOf } from '../../src/launch/cell_labels.js';
import { EXPERIMENT } from '../examples.js';

const FOLDER = join(REPOSITORY, 'experiments');

/** What a dashboard tells cells apart by. */
const placeOf = ({ system, setting, workers }: Readonly<Record<string, string>>) =>
  JSON.stringify([system, setting, workers]);

function checkAllDiffer(experiment: Experiment): void {
  const cells = cellsOf(experiment);
  const labels = cells.map((cell) => labelsOf(cell, experiment));
  assert.equal(new Set(labels.map(placeOf)).size, cells.length, experiment.name);
  for (const each of labels) {
    for (const name of Object.keys(each)) assert.ok(CELL_LABELS.includes(name), name);
  }
}

for (const found of listExperiments(FOLDER)) {
  test(`no two cells of ${found.name} have the same labels`, () => {
    checkAllDiffer(readExperiment(FOLDER, found, {}, 1));
    checkAllDiffer(readExperiment(FOLDER, found, { quick: true }, 1));
  });
}

test('nor have cells of which every axis varies that can', () => {
  checkAllDiffer({
    ...EXPERIMENT,
    axes: {
      ...EXPERIMENT.axes,
      workers: [1, 2],
      n: [64, 128],
      codec: ['json', 'binary'],
      split: ['none', 'rows'],
      service_ms: [0, 100],
      in_flight: ['per-worker', 1],
      browser_flags: ['none', 'revectorize'],
      browsers: ['shared', 'per-worker'],
    },
  });
});

test('no axis has the name of a label that metrics have already', () => {
  const taken = [
    'direction',
    'instance',
    'job',
    'kind',
    'le',
    'mode',
    'outcome',
    'phase',
    'reason',
  ];
  taken.push('role', 'route', 'run', 'stage', 'state', 'status', 'verdict', 'line');
  assert.deepEqual(
    CELL_LABELS.filter((name) => taken.includes(name)),
    [],
  );
});

test('what is as it always is has no label', () => {
  const experiment = { ...EXPERIMENT, axes: { ...EXPERIMENT.axes, workers: [4], n: [128] } };
  assert.deepEqual(
    cellsOf(experiment).map((cell) => labelsOf(cell, experiment)),
    experiment.systems.map(({ name }) => ({ system: name, workers: '4' })),
  );
});

test('a choice that makes another system of it is in its name, and non-default flags are called so', () => {
  const axes = {
    workers: [1],
    n: [128],
    codec: ['binary'],
    browser_flags: ['revectorize'],
  } as const;
  const experiment: Experiment = { ...EXPERIMENT, axes: { ...EXPERIMENT.axes, ...axes } };
  assert.deepEqual(labelsOf(cellsOf(experiment).at(-1) as never, experiment), {
    system: 'rest-wasm codec=binary non-default-flags=revectorize',
    workers: '1',
    codec: 'binary',
    browser_flags: 'revectorize',
  });
});
