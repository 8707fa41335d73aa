/**
 * Every way to reach a worker, with the real programs. It takes longest of the files here, and its name has it begin
 * first, so that no other one is waited for at the end.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from './harness.js';

const runs: HarnessRun[] = [];
after(() => runs.forEach((run) => void run.remove()));

/** The trials of a run with these arguments, all of them valid, and what it printed. */
async function measure(
  ...args: string[]
): Promise<{ rows: TrialRow[]; stdout: string; stderr: string; run: HarnessRun }> {
  const run = new HarnessRun(...args, '--quick', '--seed', '3', '--no-report');
  runs.push(run);
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(run.processes(), []);
  const rows = readTrials(run.runFolder());
  for (const row of rows) {
    assert.ok(row.valid, `${row.trial}: ${row.invalid_because}`);
    assert.equal(row.results?.wrong, 0);
    assert.deepEqual([...new Set(Object.values(row.endings))], [0], row.trial);
  }
  return { rows, stdout, stderr, run };
}

const ALL = [
  ...['local-blas', 'rpc-tcp', 'rpc-http', 'rpc-grpc', 'origin-rpc', 'origin-http'],
  ...['ws-native', 'ws-process', 'ws-wasi-wasmtime', 'ws-wasi-wasmtime-aot', 'ws-wasm'],
  ...['ws-wasi-browser'],
  ...['rest-native-binary', 'rest-native', 'rest-wasm-binary', 'rest-wasm-naive'],
];

test('each system multiplies whole numbers on two workers', async () => {
  const cells = ['--workers', '2', '--n', '32', '--values', 'integer', '--duration', '0.5'];
  const { rows } = await measure('--systems', ALL.join(','), ...cells);
  assert.deepEqual(rows.map((row) => row.system).sort(), [...ALL].sort());
  for (const row of rows) {
    const named = row.transport === 'inproc' ? 1 : 2;
    assert.equal(row.results?.workers.length, named, `workers that answered in ${row.trial}`);
    assert.ok((row.results?.samples ?? 0) > 10, row.trial);
  }
});

test('what a front does is known: its phases, its processor time, its metrics, its workers', async () => {
  const cells = ['--workers', '2', '--n', '64', '--values', 'integer', '--duration', '0.5'];
  const { rows, run } = await measure('--systems', 'rpc-http,origin-http', ...cells);
  assert.deepEqual(rows.map(({ connections }) => connections).sort(), ['kept', 'per-request']);
  for (const { trial, topology, endings, files, results } of rows) {
    assert.equal(topology, 'front', trial);
    assert.ok('matmul-server' in endings, trial);
    assert.ok((results?.cpu_s['front'] ?? 0) > 0, trial);
    assert.ok((results?.median_unaccounted_share ?? 1) < 0.05, trial);
    for (const phase of ['submit', 'dispatch', 'compute', 'return', 'collect'] as const) {
      assert.ok((results?.mean_phases_ms[phase] ?? 0) > 0, `${trial}: ${phase}`);
    }
    const metrics = files.find(({ path }) => path.startsWith('metrics/'))?.path ?? '';
    const page = gunzipSync(readFileSync(join(run.runFolder(), metrics))).toString();
    assert.match(page, /enxame_http_request_seconds_count\{.*route="\/matmul".*status="2xx"/);
    assert.match(page, /enxame_worker_tasks_total/);
  }
});

test('an axis puts the front before the workers of a system, and leaves others theirs', async () => {
  const cells = ['--workers', '1', '--n', '16', '--topology', 'direct,front', '--duration', '0.3'];
  const { rows } = await measure('--systems', 'rpc-tcp,rest-native', ...cells);
  assert.deepEqual(rows.map((row) => [row.cell, row.topology]).sort(), [
    ['rest-native w1 topology=relayed', 'relayed'],
    ['rpc-tcp w1 topology=direct', 'direct'],
    ['rpc-tcp w1 topology=front', 'front'],
  ]);
});

test("the original's browser workers are waited for, and their few samples counted", async () => {
  const cells = ['--workers', '1', '--n', '16', '--values', 'integer', '--samples', '10'];
  const { rows, stderr } = await measure('--systems', 'origin-rest', ...cells);
  const [row] = rows;
  assert.match(stderr, /^measured for longer than 2 s, until 10 responses .*: origin-rest w1 for/m);
  assert.deepEqual([row?.collection, row?.connections], ['poll', 'per-request']);
  assert.ok((row?.results?.samples ?? 0) >= 8, `${row?.results?.samples} samples`);
  assert.ok((row?.results?.median_response_ms ?? 0) > 400);
});

test('workers that hold their tasks are more than the cores, and do not take turns', async () => {
  const cells = ['--workers', '8', '--n', '8', '--service-ms', '100', '--duration', '2.05'];
  const systems = ['rpc-tcp', 'rest-native', 'ws-wasm'];
  const { rows, stdout } = await measure('--systems', systems.join(','), ...cells);
  for (const { trial, results } of rows) {
    assert.ok((results?.median_response_ms ?? 0) >= 100, trial);
    const ideal = 8 / 0.1;
    assert.ok((results?.throughput_per_s ?? 0) > 0.6 * ideal, trial);
  }
  assert.match(stdout, /service time 100 ms$/m);
  assert.doesNotMatch(stdout, /oversubscribed/);
});

test('one multiplication is shared by all workers', async () => {
  const cells = ['--workers', '3', '--n', '100', '--split', 'rows,grid', '--in-flight', '1'];
  const systems = ['rpc-tcp', 'rpc-http', 'rpc-grpc', 'ws-wasm', 'rest-wasm-binary'];
  const { rows } = await measure('--systems', systems.join(','), ...cells, '--duration', '0.5');
  assert.equal(rows.length, 10);
  for (const row of rows) assert.ok((row.results?.samples ?? 0) > 1, row.trial);
});

test("the original's text carries whole multiplications or tiles, with its front and without", async () => {
  const cells = ['--workers', '2', '--n', '50', '--values', 'integer', '--in-flight', '1'];
  const split = ['--split', 'none,rows,grid', '--duration', '0.3'];
  const { rows } = await measure('--systems', 'origin-rpc,origin-http', ...cells, ...split);
  assert.equal(rows.length, 6);
  for (const row of rows) assert.ok((row.results?.samples ?? 0) > 1, row.trial);
});

test('a browser with flags computes, and is called non-default', async () => {
  const cells = ['--systems', 'ws-wasm', '--workers', '1', '--n', '64', '--duration', '0.5'];
  const flags = ['none', 'revectorize', 'no-liftoff'];
  const { rows, stdout } = await measure(...cells, '--browser-flags', flags.join(','));
  const told = new Map(rows.map((row) => [row.cell, row.browser_arguments ?? []]));
  assert.deepEqual(
    [...(told.get('ws-wasm w1 non-default-flags=revectorize') ?? [])].at(-1),
    '--js-flags=--wasm-revectorize',
  );
  assert.ok(!(told.get('ws-wasm w1') ?? []).some((argument) => argument.includes('js-flags')));
  assert.match(stdout, /non-default browser flags: no-liftoff$/m);
  assert.match(stdout, /^Warning: The browser of .* ran with non-default flags/m);
});

test('requests of a closed load that are in flight after the window may end', async () => {
  const cell = ['--systems', 'rpc-tcp', '--workers', '1', '--n', '32', '--launches', '1'];
  const { rows } = await measure(
    ...cell,
    '--in-flight',
    '8',
    '--service-ms',
    '1000',
    '--duration',
    '6',
  );
  assert.equal(rows.length, 1);
});
