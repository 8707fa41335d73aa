import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePaths } from '../../src/experiment/paths.js';
import { Programs } from '../../src/launch/parts/processes.js';
import { Relay } from '../../src/metrics/relay.js';
import type { RunObserver } from '../../src/run/observer.js';
import { runTrials } from '../../src/run/trials.js';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { ENVIRONMENT, EXPERIMENT, SYSTEMS } from '../examples.js';
import { makeFakeBuild } from '../fakes/build.js';
import { manifestOf } from '../run_folder.js';

/** Writes down what it is told, after its name. */
function observer(name: string, told: string[]): RunObserver {
  return {
    begin: ({ id }) => told.push(`${name} begin ${id}`),
    update: ({ event }) => told.push(`${name} ${event}`),
    end: ({ validity }, ofCell) =>
      told.push(`${name} end ${validity}, ${ofCell.length} of its cell`),
  };
}

test('all observers of a run are told of each trial, from its launch until it is kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  makeFakeBuild(folder);
  const experiment = {
    ...EXPERIMENT,
    systems: SYSTEMS.filter(({ name }) => name === 'local'),
    axes: { ...EXPERIMENT.axes, workers: [1] },
    repetition: { launches: 2, duration_s: 0.1, samples: null, warm_up_s: 0, warm_up_limit_s: 1 },
  };
  const run = RunFolder.create(join(folder, 'results'), manifestOf(experiment), ENVIRONMENT);
  const told: string[] = [];
  const { rows } = await runTrials(run, ENVIRONMENT, [], {
    experiment,
    paths: makePaths(folder, { build: folder }),
    programs: new Programs(),
    observers: [observer('A', told), observer('B', told)],
    signal: new AbortController().signal,
    relay: new Relay(),
  });
  const events = [
    'launching',
    'warm-up',
    'window-start',
    'progress',
    'window-end',
    'done',
    'stopping',
  ];
  const expected = rows.flatMap((row, i) =>
    [`begin ${row.trial}`, ...events, `end valid, ${i + 1} of its cell`].flatMap((what) =>
      ['A', 'B'].map((name) => `${name} ${what}`),
    ),
  );
  assert.equal(rows.length, 2);
  assert.deepEqual(told, expected);
});
