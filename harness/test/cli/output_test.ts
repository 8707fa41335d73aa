/** The program's own output, into files, pipes and devices that do not take it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { MAIN } from '../places.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs a line of bash, in which `run` is the program and $OUT a folder. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const script = `run() { '${process.execPath}' '${MAIN}' "$@"; }; ${line}`;
  const env = { ...process.env, OUT: folder };
  return spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
}

for (const command of ['list', 'list --json', '--help', 'plan overhead', 'plan overhead --json']) {
  test(`\`${command}\` into a device that is full fails with one line`, () => {
    const { status, stderr } = shell(`run ${command} >/dev/full`);
    assert.equal(status, 1);
    assert.match(stderr, /^run-experiment: could not write to standard output: ENOSPC: .*\n$/);
  });
}

test('a file that takes only a part of what was printed is a failure', () => {
  const { status, stderr } = shell('ulimit -f 1; run list --json >"$OUT/part"');
  assert.equal(status, 1);
  assert.match(stderr, /^run-experiment: could not write to standard output: EFBIG: .*\n$/);
  assert.equal(readFileSync(join(folder, 'part')).length, 1024);
});

test('messages that cannot be written are a failure, too', () => {
  assert.equal(shell('run list 2>/dev/full').status, 0, 'nothing was to be said');
  assert.equal(shell('run list >/dev/full 2>/dev/full').status, 1);
  assert.equal(shell('run verify "$OUT" 2>/dev/full').status, 2, 'the first reason counts');
});

test('a reader that has seen enough is no failure', () => {
  for (const command of ['list --json', '--help']) {
    const { stderr, stdout } = shell(`run ${command} | head -c 1; echo " \${PIPESTATUS[0]}"`);
    assert.match(stdout, / 0\n$/);
    assert.equal(stderr, '');
  }
});

test('the version is that of the repository', () => {
  const version = readFileSync(join(REPOSITORY, 'VERSION'), 'utf8').trim();
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const { stdout } = shell('run --version');
  assert.match(stdout, new RegExp(`^run-experiment ${version}, commit .*\n$`));
});

test('everything arrives through a pipe, and in a file that is appended to', () => {
  const { stdout } = shell('run list --json | cat; run list --json >>"$OUT/whole"');
  assert.equal(readFileSync(join(folder, 'whole'), 'utf8'), stdout);
  assert.ok(JSON.parse(stdout).systems.length > 0);
});
