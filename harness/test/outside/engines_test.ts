/** Every engine in a program of its own, with the real one: right products, what a run records of it, and a task that survives it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Place } from '../../src/probing/portability.js';
import type { Environment } from '../../src/run_folder/environment.js';
import { readTrials } from '../../src/run_folder/store.js';
import { eventually, HarnessRun } from '../e2e/harness.js';

const SYSTEMS = [
  ...['ws-wasi-browser', 'ws-process', 'ws-process-128', 'ws-wasi-node', 'ws-wasi-bun'],
  ...['ws-wasi-deno', 'ws-wasi-wasmtime', 'ws-wasi-wasmtime-aot', 'ws-wasi-wasmedge'],
  ...['ws-wasi-wasm2c', 'ws-wasi-wasmer', 'ws-wasi-wazero', 'ws-wasi-wasmi'],
  ...['ws-docker', 'ws-docker-stdio', 'ws-podman', 'ws-podman-stdio'],
];

/** What a run records the versions of, and of which programs hashes. */
const VERSIONS = [
  ...['wasi-node', 'wasi-bun', 'wasi-deno', 'wasmtime', 'wasmedge', 'wasm2c', 'wazero'],
  ...['wasmi', 'wasmer', 'dockerd', 'podman'],
];
const PROGRAMS = [
  ...['stdio-worker', 'wasmtime-run', 'libwasmtime.so', 'node', 'bun', 'deno', 'wasmedge'],
  ...['wasm2c', 'wazero', 'wasmi', 'wasmer', 'dockerd', 'podman'],
];

test('each engine multiplies behind two workers, and its run knows what it was', async (t) => {
  const cells = ['--systems', SYSTEMS.join(','), '--workers', '2', '--n', '48', '--duration', '1'];
  const run = new HarnessRun('overhead', ...cells, '--quick', '--seed', '3', '--no-report');
  t.after(() => run.remove());
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(run.processes(), []);
  const rows = readTrials(run.runFolder());
  assert.deepEqual(rows.map(({ system }) => system).sort(), [...SYSTEMS].sort());
  for (const { trial, valid, invalid_because, results } of rows) {
    assert.ok(valid, `${trial}: ${invalid_because}`);
    assert.equal(results?.wrong, 0, trial);
    assert.equal(results?.workers.length, 2, trial);
    assert.ok((results?.samples ?? 0) > 10, trial);
    // The program behind a worker is most of what it uses.
    assert.ok((results?.cpu_s['workers'] ?? 0) > 0.1, trial);
    for (const phase of ['decode', 'compute', 'encode'] as const) {
      assert.ok((results?.mean_phases_ms[phase] ?? 0) > 0, `${trial}: ${phase}`);
    }
  }
  const text = readFileSync(join(run.runFolder(), 'environment.json'), 'utf8');
  const { versions, programs_sha256, wasm_sha256 } = JSON.parse(text) as Environment;
  for (const name of VERSIONS) {
    assert.match(String((versions as Record<string, unknown>)[name]), /^\d+\.\d+/, name);
  }
  for (const name of PROGRAMS) {
    assert.match(programs_sha256[name] ?? '', /^[0-9a-f]{64}$/, name);
  }
  assert.match(wasm_sha256['stdio-worker.wasm'] ?? '', /^[0-9a-f]{64}$/);
});

test('containers end with a harness that is killed', async (t) => {
  const systems = ['--systems', 'ws-docker,ws-podman', '--workers', '2', '--n', '48'];
  const run = new HarnessRun('overhead', ...systems, '--duration', '60', '--no-report');
  t.after(() => run.remove());
  // In either of them.
  await run.runs(/^\d+ \/swarm-worker /);
  run.signalGroup('SIGKILL');
  await run.ended;
  await eventually(
    () => run.processes().length === 0,
    () => run.processes().join('\n'),
  );
});

test('the same file of WebAssembly multiplies on a machine of another kind, and machine code does not', async (t) => {
  const run = new HarnessRun('portability', '--engines', 'process,wasi-wasmtime', '--json');
  t.after(() => run.remove());
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
  const { places } = JSON.parse(stdout) as { places: readonly Place[] };
  const where = places.map(({ file, machine, multiplies }) => [file, machine, multiplies]);
  assert.deepEqual(where.slice(-2), [
    ['stdio-worker.wasm', 'aarch64', true],
    ['stdio-worker', 'aarch64', false],
  ]);
  assert.match(places.at(-1)?.because ?? '', /Invalid ELF image/);
  assert.ok(where.slice(0, -2).every(([, , multiplies]) => multiplies));
});
