/** What gets out of a process, of WebAssembly and of a container, and that a worker multiplies in the last. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../src/isolation/all.js';
import { readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from './harness.js';

/** What a program reaches of its host where nothing keeps it from that. */
const OUTSIDE = [
  ...['read-host-file', 'write-host-file', 'connect', 'see-host-sockets', 'see-process'],
  ...['signal-process', 'run-shell'],
];

interface Result {
  readonly rows: readonly Row[];
  readonly unavailable: Readonly<Record<string, string>>;
}

const probed = probeThree();

async function probeThree(): Promise<Result> {
  const engines = ['--engines', 'process,wasi-wasmtime,runc'];
  const run = new HarnessRun('isolation', ...engines, '--json');
  const { code, stdout, stderr } = await run.ended;
  run.remove();
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Result;
}

async function reachedIn(engine: string): Promise<string[]> {
  const { rows } = await probed;
  const own = rows.filter((row) => row.engine === engine);
  assert.ok(own.length >= 19, `${engine}: ${own.length} attempts`);
  return own.filter(({ reached }) => reached).map(({ attempt }) => attempt);
}

test('a process reaches its host, and WebAssembly only its own memory and a folder that it was granted', async () => {
  const reached = new Set(await reachedIn('process'));
  assert.deepEqual(
    OUTSIDE.filter((name) => !reached.has(name)),
    [],
  );
  assert.deepEqual((await reachedIn('wasi-wasmtime')).sort(), [
    ...['overflow-buffer', 'read-fine-clock', 'take-memory', 'use-granted-folder'],
  ]);
});

test('a container keeps its program from the host, and a worker multiplies in it', async (t) => {
  const { unavailable } = await probed;
  if (unavailable['runc'] !== undefined)
    return t.skip(`no containers here: ${unavailable['runc']}`);
  const reached = new Set(await reachedIn('runc'));
  assert.deepEqual(
    OUTSIDE.filter((name) => reached.has(name)),
    [],
  );
  assert.ok(reached.has('use-granted-folder'));
  const cells = ['--systems', 'ws-runc', '--workers', '2', '--n', '512', '--duration', '1'];
  const run = new HarnessRun('overhead', ...cells, '--quick', '--seed', '3', '--no-report');
  t.after(() => run.remove());
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(run.processes(), []);
  const [row] = readTrials(run.runFolder());
  assert.ok(row?.valid, row?.invalid_because ?? 'no trial');
  assert.equal(row.results?.wrong, 0);
  assert.equal(row.results?.workers.length, 2);
  assert.ok((row.results?.cpu_s['workers'] ?? 0) > 0.1);
});
