/** A run as tables: the same numbers as in its files, wherever it lies. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { REPOSITORY } from '../../src/base/shell.js';
import { readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from './harness.js';

async function ask(...args: string[]) {
  const run = new HarnessRun();
  run.start('sql', ...args);
  const ended = await run.ended;
  run.remove();
  return ended;
}

async function rows(folder: string, query: string): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await ask('--json', '--runs', folder, query);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

function samplesIn(folder: string): number {
  const texts = readdirSync(join(folder, 'samples')).map((name) =>
    gunzipSync(readFileSync(join(folder, 'samples', name))).toString('utf8'),
  );
  return texts.reduce((sum, text) => sum + text.trimEnd().split('\n').length - 1, 0);
}

test('trials, samples and phases are those of the files', async (t) => {
  const cells = [
    '--systems',
    'rpc-tcp,ws-native',
    '--workers',
    '1',
    '--n',
    '16',
    '--duration',
    '0.3',
  ];
  const run = new HarnessRun('overhead', ...cells, '--quick', '--no-report');
  t.after(() => run.remove());
  assert.equal((await run.ended).code, 0);
  // A name that a pattern and a text of SQL would read otherwise.
  const folder = join(run.folder, "it's a [run]* of ?");
  renameSync(run.runFolder(), folder);
  const trials = readTrials(folder);
  assert.equal(trials.length, 2);
  const found = await rows(folder, 'select trial, samples, workers from trials order by trial');
  assert.deepEqual(
    found,
    trials
      .map(({ trial, results }) => ({ trial, samples: results?.samples, workers: 1 }))
      .sort((a, b) => a.trial.localeCompare(b.trial)),
  );
  const [{ count } = {}] = await rows(folder, 'select count(*)::int as count from samples');
  assert.equal(count, samplesIn(folder));
  const [{ run: name, status } = {}] = await rows(folder, 'select run, status from runs');
  assert.deepEqual([name, status], ["it's a [run]* of ?", 'complete']);
  const [{ worst, parts } = {}] = await rows(
    folder,
    `select max(abs(response_ms - sum)) as worst, count(*)::int as parts from samples
     join (select run, trial, sample, sum(ms) as sum from phases group by all) using (run, trial, sample)`,
  );
  assert.ok(Number(parts) > 20 && Number(worst) < 0.05, `${worst} ms in ${parts}`);
  const file = join(run.folder, 'phases.parquet');
  assert.equal((await ask('--runs', folder, '--to', file, 'from phases;')).code, 0);
  const read = `select count(*)::int as count from '${file}'`;
  assert.deepEqual(
    await rows(folder, read),
    await rows(folder, 'select count(*)::int as count from phases'),
  );
});

test('phases add up where requests come by themselves, too', async () => {
  const [{ worst, requests } = {}] = await rows(
    join(REPOSITORY, 'results', 'reference', 'saturation'),
    `select quantile_cont(abs(response_ms - sum) / response_ms, 0.99) as worst, count(*)::int as requests
     from samples join (select trial, sample, sum(ms) as sum from phases group by all)
     using (trial, sample) where lateness_ms > 0`,
  );
  assert.ok(Number(requests) > 1_000 && Number(worst) < 0.02, `${worst} of ${requests}`);
});

test('a run that has nothing yet has no rows, and two of a name are refused', async (t) => {
  const run = HarnessRun.prepare();
  t.after(() => run.remove());
  const [one = '', other = ''] = ['one', 'other'].map((name) => join(run.folder, name, 'run'));
  for (const folder of [one, other]) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['manifest.json', 'environment.json']) {
      const reference = join(REPOSITORY, 'results', 'reference', 'splitting', name);
      copyFileSync(reference, join(folder, name));
    }
  }
  for (const from of ['phases -- all', 'trials where valid']) {
    assert.deepEqual(await rows(one, `select count(*)::int as count from ${from}`), [{ count: 0 }]);
  }
  const { code, stderr } = await ask('--runs', `${one},${other}`, 'select 1');
  assert.equal(code, 2);
  assert.match(stderr, /two runs are called 'run'/);
});

test('what cannot be asked is said, and fails', async () => {
  const { code, stdout, stderr } = await ask('select nonsense from samples');
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /nonsense/);
  const elsewhere = await ask('--runs', '/nowhere', 'select 1');
  assert.equal(elsewhere.code, 2);
  assert.match(elsewhere.stderr, /no run in '\/nowhere'/);
  const toText = await ask('--to', 'x.txt', 'select 1');
  assert.equal(toText.code, 2);
  assert.match(toText.stderr, /ends in \.parquet, \.csv, \.json/);
});

test('what can be asked is shown', async () => {
  const { code, stdout } = await ask();
  assert.equal(code, 0);
  for (const view of ['runs', 'trials', 'samples', 'phases']) {
    assert.match(stdout, new RegExp(`^${view}: each row is `, 'm'));
  }
  assert.match(stdout, /response_ms/);
});
