import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOfEnvironments, differencesOfMachines } from '../../src/run_folder/alike.js';
import { describeDifference } from '../../src/run_folder/difference.js';
import type { Environment } from '../../src/run_folder/environment.js';
import { ENVIRONMENT } from '../examples.js';

const GIB = 2 ** 30;
const MACHINE: Environment = {
  ...ENVIRONMENT,
  memory_bytes: 16 * GIB,
  cgroup: { cpus: 2, memory_bytes: 8 * GIB },
};

const between = (change: Partial<Environment>) => {
  const after = { ...MACHINE, ...change };
  const machines = differencesOfMachines(MACHINE, after).map(describeDifference);
  const all = differencesOfEnvironments(MACHINE, after).map(describeDifference);
  return { machines, all };
};
const versions = (change: Partial<Environment['versions']>) => ({
  versions: { ...MACHINE.versions, ...change },
});

test('memory that differs as from boot to boot makes no other machine', () => {
  for (const bytes of [12 * 1024, -12 * 1024, 100 * 2 ** 20]) {
    const cgroup = { cpus: 2, memory_bytes: 8 * GIB + bytes / 2 };
    const found = between({ memory_bytes: 16 * GIB + bytes, cgroup });
    assert.deepEqual(found, { machines: [], all: [] });
  }
});

test('another size of memory does, and so does a limit that comes or goes', () => {
  const { machines, all } = between({ memory_bytes: 15.5 * GIB });
  assert.deepEqual(machines, ['memory_bytes: 17179869184 → 16642998272']);
  assert.deepEqual(all, machines);
  const unlimited = between({ cgroup: { cpus: null, memory_bytes: null } });
  assert.deepEqual(unlimited.machines, [
    'cgroup.cpus: 2 → null',
    'cgroup.memory_bytes: 8589934592 → null',
  ]);
});

test('what changes by itself and what only draws figures is no difference', () => {
  const { all } = between({
    load_average: 7,
    browser_command_line: ['--user-data-dir=/tmp/x'],
    ...versions({ python: '3.13.0', matplotlib: '3.10.0' }),
    git: { ...MACHINE.git, unknown_because: 'so' },
  });
  assert.deepEqual(all, []);
});

test('versions that differ are one, those that one of two does not know are not', () => {
  const { all, machines } = between(versions({ compiler: 'clang', emscripten: '3.1.69' }));
  assert.deepEqual(all, ['versions.compiler: "g++" → "clang"']);
  assert.deepEqual(machines, []);
  // As runs have it that were made when fewer versions were recorded.
  const { grpc: _grpc, ...older } = MACHINE.versions;
  const before = { ...MACHINE, versions: older } as Environment;
  const after = { ...MACHINE, ...versions({ grpc: '1.51' }) };
  assert.deepEqual(differencesOfEnvironments(before, after), []);
});

test('programs, modules, kernel and commit are what was measured', () => {
  const { all } = between({
    kernel: '6.2',
    programs_sha256: { coordinator: 'b' },
    git: { commit: '2345678901', dirty: true },
  });
  assert.deepEqual(all.map((each) => each.split(':')[0]).sort(), [
    'git.commit',
    'git.dirty',
    'kernel',
    'programs_sha256.coordinator',
  ]);
});
