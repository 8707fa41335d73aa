/** What gets out of a process, of WebAssembly and of a container, what exceeds their limits, and what they take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Start } from '../../src/probing/footprint.js';
import type { Row } from '../../src/probing/isolation.js';
import type { Exceeding } from '../../src/probing/overshoot.js';
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
  return (await ask('isolation', '--engines', 'process,wasi-wasmtime,runc')) as Result;
}

async function ask(...args: string[]): Promise<unknown> {
  const run = new HarnessRun(...args, '--json');
  const { code, stdout, stderr } = await run.ended;
  run.remove();
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
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

test('limits of memory, time and instructions end a program near where they should', async () => {
  const engines = ['--engines', 'process,wasi-wasmtime', '--repeats', '1'];
  const { rows } = (await ask('overshoot', ...engines)) as { rows: Exceeding[] };
  assert.deepEqual(
    rows.map(({ engine, limit }) => `${engine} ${limit}`),
    [
      ...['process memoryBytes', 'process seconds'],
      ...['wasi-wasmtime memoryBytes', 'wasi-wasmtime seconds', 'wasi-wasmtime fuel'],
    ],
  );
  for (const { engine, limit, beyond, by } of rows) {
    assert.notEqual(by, '', `${engine} ${limit}: nothing stopped it`);
    assert.ok(beyond !== null, engine);
    if (limit === 'memoryBytes') assert.ok(beyond <= 0 && beyond > -32, `${engine}: ${beyond} MiB`);
    if (limit === 'seconds') assert.ok(beyond > -50 && beyond < 5_000, `${engine}: ${beyond} ms`);
  }
});

test('what an engine takes: more memory for more work, and at least its own program', async () => {
  const engines = ['--engines', 'process,wasi-wasmtime', '--repeats', '1'];
  const { rows, program_bytes } = (await ask('footprint', ...engines)) as {
    rows: Start[];
    program_bytes: Record<string, number>;
  };
  for (const engine of ['process', 'wasi-wasmtime']) {
    const own = rows.filter((row) => row.engine === engine);
    assert.deepEqual(
      own.filter(({ cold }) => !cold).map(({ at_once }) => at_once),
      [1, 16],
    );
    for (const { ready_ms, idle_bytes, busy_bytes, files_bytes } of own) {
      assert.ok(ready_ms > 0 && ready_ms < 20_000, `${engine}: ${ready_ms} ms`);
      // Two factors of 2 MiB and their product.
      assert.ok(busy_bytes - idle_bytes > 4 * 2 ** 20, `${engine}: ${idle_bytes}, ${busy_bytes}`);
      assert.ok(files_bytes > 2 ** 20, `${engine}: ${files_bytes}`);
    }
  }
  assert.ok((program_bytes['wasi-wasmtime'] ?? 0) < (program_bytes['process'] ?? 0));
});
