import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { verify } from '../../src/analysis/verify.js';
import type { Manifest } from '../../src/run_folder/manifest.js';
import { readTrials } from '../../src/run_folder/store.js';
import { type Ended, HarnessRun } from './harness.js';

const SYSTEMS = ['local', 'rpc-tcp', 'ws-wasm', 'rest-wasm'];
const TRIALS = 2 * SYSTEMS.length;
let run: HarnessRun;
let ended: Ended;
let folder: string;

before(async () => {
  run = new HarnessRun(
    '--workers',
    '1,2',
    '--quick',
    '--duration',
    '0.5',
    '--n',
    '32',
    '--seed',
    '7',
  );
  ended = await run.ended;
  folder = run.runFolder();
});
after(() => run.remove());

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

test('a run of the default systems with one and two workers succeeds', () => {
  assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr}`);
});

test('stdout is a table with a row per cell, then the results and the figure', () => {
  for (const system of SYSTEMS) {
    for (const workers of [1, 2]) {
      // A percentile is left out where a busy machine served too few tasks for it.
      const row = new RegExp(
        `^${system} +${workers} +[\\d.]+ +[\\d.–]+ +[\\d.]+ +[\\d.–]+ +[\\d.]+ % +[\\d.]+`,
        'm',
      );
      assert.match(ended.stdout, row);
    }
  }
  assert.ok(
    ended.stdout.includes(`\nResults: ${folder}\nFigure:  ${join(folder, 'figures/costs.png')}\n`),
  );
});

test('stdout ends in the question and its answer', () => {
  assert.match(
    ended.stdout,
    /\nQuestion: What does it cost .*\?\nAnswer: {3}rest-wasm takes .* × as long as rpc-tcp with 1 worker and .* × with 2 workers \(.*, n = 32, 1 launch, so without an interval\)\.\n$/,
  );
});

test('stderr has a line per trial', () => {
  assert.equal(
    ended.stderr.match(/^\[\d\/\d\] .*tasks\/s, median .* ms/gm)?.length,
    TRIALS,
    ended.stderr,
  );
});

test('the manifest says what was asked, in which order, and that it is complete', () => {
  const manifest = JSON.parse(read('manifest.json')) as Manifest;
  assert.equal(manifest.status, 'complete');
  assert.equal(manifest.schema_version, 5);
  assert.equal(manifest.experiment.name, 'scaling');
  assert.equal(manifest.experiment.seed, 7);
  assert.deepEqual(manifest.experiment.axes.n, [32]);
  assert.equal(manifest.plan.length, TRIALS);
  assert.deepEqual(
    manifest.sessions.map((session) => session.status),
    ['complete'],
  );
});

test('verify finds files, numbers and claims of a run in order', async () => {
  const { problems, trials, samples } = await verify(folder, () => undefined);
  assert.deepEqual(problems, []);
  assert.equal(trials, TRIALS);
  assert.ok(samples > 0);
});

test('every trial is valid, in the planned order, and has its raw samples', () => {
  const rows = readTrials(folder);
  const manifest = JSON.parse(read('manifest.json')) as Manifest;
  assert.deepEqual(
    rows.map((row) => row.trial),
    manifest.plan,
  );
  for (const row of rows) {
    assert.ok(row.valid, row.invalid_because);
    assert.ok((row.results?.samples ?? 0) > 0);
    const share = row.results?.compute_share ?? 0;
    assert.ok(share > 0 && share < 1, `compute share ${share} in ${row.trial}`);
    assert.equal(row.results?.attached_pages, row.engine === 'browser' ? 0 : null);
    assert.ok(
      Object.values(row.endings).every((ending) => ending === 0),
      JSON.stringify(row.endings),
    );
    const file = join(folder, row.files[0]?.path ?? '');
    const text = gunzipSync(readFileSync(file)).toString();
    const measured = text.match(/^\d+,measured,.*,ok,$/gm)?.length;
    assert.equal(measured, row.results?.samples, row.trial);
  }
});

test('the environment says what it ran on', () => {
  const environment = JSON.parse(read('environment.json'));
  assert.ok(environment.cores > 0);
  assert.match(environment.versions.browser, /^\d+\./);
  assert.match(environment.versions.emscripten, /^\d+\.\d+\.\d+$/);
  assert.ok(environment.browser_command_line.includes('--no-startup-window'));
  assert.ok(Object.keys(environment.wasm_sha256).length > 0);
});

test('the summary has a row per cell, as JSON and as CSV', () => {
  const cells = JSON.parse(read('summary.json'));
  assert.equal(cells.length, TRIALS);
  assert.equal(read('summary.csv').trim().split('\n').length, TRIALS + 1);
  assert.equal(cells[0].speed_up.value, 1);
});

test('figures and tables are drawn, and carry the run', () => {
  const drawn = readdirSync(join(folder, 'figures'));
  for (const name of ['costs', 'scaling', 'speed-up', 'distributions', 'waterfall']) {
    for (const kind of ['png', 'svg', 'pdf', 'csv', 'md', 'tex']) {
      assert.ok(drawn.includes(`${name}.${kind}`), `${name}.${kind} is not among ${drawn}`);
    }
  }
  assert.ok(statSync(join(folder, 'figures/scaling.png')).size > 10_000);
  const { run_id } = JSON.parse(read('manifest.json'));
  assert.ok(read('figures/scaling.svg').includes(run_id));
});

test('the report has the question, and is drawn again from the folder alone', async () => {
  const page = read('report.html');
  assert.ok(page.includes('What does it cost to move from native RPC'));
  const again = new HarnessRun('report', folder);
  const { code, stdout, stderr } = await again.ended;
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(`\nReport:  ${join(folder, 'report.html')}\n`), stdout);
  assert.equal(read('report.html'), page);
  assert.deepEqual(again.processes(), []);
  again.remove();
});

test('no process and no temporary file is left behind', () => {
  assert.deepEqual(run.processes(), []);
  assert.deepEqual(run.temporaryFiles(), []);
});
