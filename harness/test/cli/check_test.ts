import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { twoSystems } from '../examples.js';
import { MAIN } from '../places.js';
import { makeRun } from '../run_folder.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

const THREE = twoSystems(3);

let made = 0;

/** A run in which rpc-tcp takes so many ms, and local 2. */
function run(ms: number, spread = 0.01, experiment = THREE): Promise<string> {
  made++;
  const wobble = (launch: number) => 1 + spread * launch;
  return makeRun(
    folder,
    experiment,
    ({ system, launch }) => (system === 'local' ? 2 : ms * wobble(launch)),
    String(made),
  );
}

function check(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'check', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the exit code says whether a run bears out another one, the table what was checked', async () => {
  const reference = await run(10);
  const passes = check(await run(14), '--against', reference);
  assert.equal(passes.status, 0, passes.stderr);
  assert.match(
    passes.stdout,
    /^rpc-tcp w1 over local w1 +median_response_ms +pass +– +5\.10 × \[/m,
  );
  assert.match(passes.stdout, /^PASS: of 1 ratios 1 pass, 0 fail, 0 are unsure$/m);

  const fails = check(await run(1), '--against', reference);
  assert.equal(fails.status, 1);
  assert.match(fails.stdout, /fail +the other one is slower here/);
  assert.match(fails.stdout, /^FAIL: of 1 ratios 0 pass, 1 fail, 0 are unsure$/m);

  const unsure = check(await run(2, 3), '--against', reference, '--factor', '1.2');
  assert.equal(unsure.status, 4);
  assert.match(unsure.stdout, /^More launches .*\nUNSURE: /m);

  const { ratios, failed } = JSON.parse(
    check(await run(14), '--against', reference, '--factor', '1.2', '--json').stdout,
  );
  assert.deepEqual([ratios.length, failed], [1, 1]);
});

/** The same run, as if a machine of so many cores had made it. */
function onCores(path: string, cores: number): string {
  const environment = join(path, 'environment.json');
  const text = readFileSync(environment, 'utf8');
  writeFileSync(environment, text.replace('"cores": 2', `"cores": ${cores}`));
  return path;
}

test('what has no counterpart, and what is oversubscribed on one machine, are counted apart', async () => {
  const over = (workers: number[]) => ({ ...THREE, axes: { ...THREE.axes, workers } });
  const reference = await run(10, 0.01, over([1, 2, 4]));
  const found = onCores(await run(10, 0.01, over([1, 4])), 8);
  const { status, stdout, stderr } = check(found, '--against', reference);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Of its 3 ratios, 1 have no counterpart in this run\.$/m);
  assert.match(stdout, /^Of its 3 ratios, 1 are left out: more workers than processors/m);
  const told = JSON.parse(check(found, '--against', reference, '--json').stdout);
  assert.deepEqual([told.passed, told.no_counterpart, told.oversubscribed], [1, 1, 1]);
});

test('where nothing is left to check, the reason is the true one', async () => {
  const four = { ...THREE, axes: { ...THREE.axes, workers: [4] } };
  const crowded = await run(10, 0.01, four);
  const { status, stderr } = check(onCores(await run(10, 0.01, four), 8), '--against', crowded);
  assert.equal(status, 2);
  assert.match(stderr, /is of cells with more workers than processors on one of the two machines/);

  const alone = await run(10, 0.01, { ...THREE, systems: THREE.systems.slice(0, 1) });
  assert.match(check(crowded, '--against', alone).stderr, /has no ratio of response times/);

  const duet = await run(10, 0.01, { ...THREE, duet: true });
  const plain = check(await run(10), '--against', duet);
  assert.match(plain.stderr, /no two cells in common .*: \.\/run-experiment example --duet/);
});

test('what is missing is asked for', async () => {
  const { status, stderr } = check('results');
  assert.equal(status, 2);
  assert.match(
    stderr,
    /check needs --against <folder>: the run that it should bear out; for example/,
  );
  const reference = await run(10);
  const other = await run(10, 0.01, { ...THREE, axes: { ...THREE.axes, n: [8] } });
  const nothing = check(other, '--against', reference);
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /no two cells in common .*: \.\/run-experiment example/);
  assert.match(check(other, '--against', reference, '--factor', '1').stderr, /a factor above 1/);
});
