import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verify } from '../../src/analysis/verify.js';
import { REPOSITORY } from '../../src/base/shell.js';
import { expectedSeconds } from '../../src/experiment/eta.js';
import { planTrials } from '../../src/experiment/plan.js';
import { completeExperiment } from '../../src/run_folder/later_axes.js';
import { readEnvironment, readManifest, readTrials } from '../../src/run_folder/store.js';

const REFERENCE = join(REPOSITORY, 'results', 'reference');

const runs = readdirSync(REFERENCE).filter((name) =>
  existsSync(join(REFERENCE, name, 'manifest.json')),
);

test('each experiment of the repository has a reference run', () => {
  const experiments = readdirSync(join(REFERENCE, '../../experiments'))
    .filter((file) => file.endsWith('.yaml') && file !== 'systems.yaml')
    .map((file) => file.replace('.yaml', ''));
  assert.deepEqual([...runs].sort(), experiments.sort());
});

for (const name of runs) {
  test(`the reference run ${name} is what it says, and bears out its claims`, async () => {
    const { problems, claims } = await verify(join(REFERENCE, name), () => undefined);
    assert.deepEqual(problems, []);
    assert.match(readEnvironment(join(REFERENCE, name)).versions.emscripten ?? '', /^\d+\.\d+/);
    assert.ok(claims > 0);
  });
}

test('what a plan says a run takes is within 25 % of what the reference run took', () => {
  const path = join(REFERENCE, 'scaling');
  const experiment = completeExperiment(readManifest(path).experiment);
  const expected = planTrials(experiment)
    .map((trial) => expectedSeconds(trial.cell, experiment))
    .reduce((sum, seconds) => sum + seconds, 0);
  const rows = readTrials(path);
  const begin = Date.parse(rows[0]?.started_at ?? '');
  const took = (Date.parse(rows.at(-1)?.ended_at ?? '') - begin) / 1000;
  assert.ok(Math.abs(expected / took - 1) < 0.25, `${expected} s expected, ${took} s taken`);
});
