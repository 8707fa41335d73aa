/** Every engine in a program of its own, with the real one: right products, what a run records of it, and a task that survives it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Environment } from '../../src/run_folder/environment.js';
import { readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from '../e2e/harness.js';

const SYSTEMS = [
  ...[
    'ws-wasi-browser',
    'ws-process',
    'ws-process-128',
    'ws-wasi-node',
    'ws-wasi-bun',
    'ws-wasi-deno',
  ],
  ...['ws-wasi-wasmtime', 'ws-wasi-wasmtime-aot', 'ws-wasi-wasmedge', 'ws-wasi-wasm2c'],
  ...['ws-wasi-wasmer', 'ws-wasi-wazero', 'ws-wasi-wasmi'],
];

/** What a run records the versions of, and of which programs hashes. */
const VERSIONS = [
  ...['wasi-node', 'wasi-bun', 'wasi-deno', 'wasmtime', 'wasmedge', 'wasm2c', 'wazero'],
  ...['wasmi', 'wasmer'],
];
const PROGRAMS = [
  ...[
    'stdio-worker',
    'wasmtime-run',
    'libwasmtime.so',
    'node',
    'bun',
    'deno',
    'wasmedge',
    'wasm2c',
  ],
  ...['wazero', 'wasmi', 'wasmer'],
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
    assert.ok((results?.samples ?? 0) > 100, trial);
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
