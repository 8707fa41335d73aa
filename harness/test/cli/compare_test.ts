import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SYSTEMS, twoSystems } from '../examples.js';
import { MAIN } from '../places.js';
import { makeRun } from '../run_folder.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

const FIVE = twoSystems(5);

let made = 0;

/** A run in which rpc-tcp takes `ms`, give or take what launches differ. */
function run(ms: number, experiment = FIVE, spread = 0.002): Promise<string> {
  made++;
  const wobble = (launch: number) => 1 + spread * ((launch * 7) % 5);
  return makeRun(
    folder,
    experiment,
    ({ system, launch }) => (system === 'local' ? 2 : ms) * wobble(launch),
    String(made),
  );
}

function compare(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'compare', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a cell that became slower is found, and is the exit code', async () => {
  const { status, stdout } = compare(await run(10), await run(12));
  assert.equal(status, 3, stdout);
  assert.match(stdout, /^rpc-tcp w1 +median_response_ms +slower +10\.0\d +12\.0\d +1\.20\d \[/m);
  assert.match(stdout, /^local w1 +median_response_ms +equivalent/m);
  assert.match(compare(await run(12), await run(10)).stdout, /median_response_ms +faster/);
});

test('two runs of the same are equivalent', async () => {
  const { status, stdout } = compare(await run(10), await run(10), '--json');
  assert.equal(status, 0, stdout);
  const { comparisons } = JSON.parse(stdout) as { comparisons: { verdict: string }[] };
  assert.equal(comparisons.length, 6);
  assert.ok(comparisons.every(({ verdict }) => verdict === 'equivalent'));
});

test('where the margin cannot be found, it says how many launches would', async () => {
  const noisy = compare(await run(10, FIVE, 0.05), await run(10, FIVE, 0.05));
  const [, launches] = noisy.stdout.match(/each run would need about (\d+) launches/) ?? [];
  assert.ok(Number(launches) > 20 && Number(launches) < 200, noisy.stdout);
  assert.doesNotMatch(compare(await run(10), await run(10)).stdout, /would need/);
});

test('with too few launches to tell, the exit code says so', async () => {
  const single = { ...FIVE, repetition: { ...FIVE.repetition, launches: 1 } };
  const { status, stdout } = compare(await run(10, single), await run(12, single));
  assert.equal(status, 4, stdout);
  assert.match(stdout, /median_response_ms +– /);
  assert.match(stdout, /--launches 3/);
});

test('runs of different machines are refused, with what differs, unless --any-machine is given', async () => {
  const [before, after] = [await run(10), await run(10)];
  const environment = join(after, 'environment.json');
  const text = readFileSync(environment, 'utf8');
  writeFileSync(environment, text.replace('"a CPU"', '"another CPU"'));
  const { status, stderr } = compare(before, after);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /different machines or programs; --any-machine.*\n {2}cpu: "a CPU" → "another CPU"/,
  );
  const told = compare(before, after, '--any-machine');
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, /^Differs: cpu/m);
});

test('cells of one run alone are named; without a common one there is nothing to compare', async () => {
  const alone = { ...FIVE, systems: SYSTEMS.slice(0, 1) };
  const { stdout } = compare(await run(10, alone), await run(10));
  assert.match(stdout, /^Only in one of the runs: rpc-tcp w1$/m);
  const other = { ...FIVE, systems: SYSTEMS.slice(1, 2) };
  const nothing = compare(await run(10, alone), await run(10, other));
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /the runs have no cell .* in common/);
  assert.match(compare(folder, folder).stderr, /is not the folder of a run/);
});

test('cells of a duet are others than those of a run of one system after the other', async () => {
  const { status, stderr } = compare(await run(10, { ...FIVE, duet: true }), await run(10));
  assert.equal(status, 2);
  assert.match(stderr, /the runs have no cell .* in common/);
});

test('what differs between whole runs is included where it is known, and told where it is not', async () => {
  const [before, after] = [await run(10), await run(10.7)];
  const without = compare(before, after);
  assert.equal(without.status, 3);
  assert.match(without.stdout, /between whole runs .* is not included/);

  const given = compare(before, after, '--between-runs', '0.05');
  assert.equal(given.status, 4, given.stdout);
  assert.match(given.stdout, /whole runs differ by median_response_ms 5\.0 %, .* \(as given\)/);

  const aa = [await run(10), await run(10.4), await run(9.6)].join(',');
  const measured = compare(before, after, '--aa', aa);
  assert.equal(measured.status, 4, measured.stdout);
  assert.match(measured.stdout, /median_response_ms 2\.[89] %, .* \(as 3 A\/A runs do;/);

  assert.match(compare(before, after, '--aa', before).stderr, /expected two runs or more/);
  const both = compare(before, after, '--aa', aa, '--between-runs', '0.05');
  assert.equal(both.status, 2);
  assert.match(both.stderr, /give one of two: .*--aa.*--between-runs/);
});
