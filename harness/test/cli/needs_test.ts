import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { parseFlags } from '../../src/cli/flags.js';
import { needsOf } from '../../src/cli/needs.js';

async function needs(...argv: string[]): Promise<readonly string[]> {
  const request = parseFlags(argv, () => assert.fail('printed something'));
  assert.ok(request);
  return needsOf(ROOT, request);
}

test('what only reads needs nothing to be built', async () => {
  for (const argv of [
    ['list'],
    ['plan'],
    ['verify', 'r'],
    ['compare', 'a', 'b'],
    ['check', 'a', '--against', 'b'],
    ['export', 'r', '--openmetrics', 'f'],
    ['completion', 'zsh'],
  ]) {
    assert.deepEqual(await needs(...argv), [], argv[0]);
  }
  assert.deepEqual(await needs('report', 'r'), ['figures']);
});

test('what measures needs everything, less what was built elsewhere', async () => {
  assert.deepEqual(await needs(), ['programs', 'browser', 'figures']);
  assert.deepEqual(await needs('--no-report'), ['programs', 'browser']);
  assert.deepEqual(await needs('doctor'), ['programs', 'browser', 'figures']);
  assert.deepEqual(await needs('--prometheus'), ['programs', 'browser', 'figures', 'prometheus']);
  assert.deepEqual(await needs('overhead', '--build', '/elsewhere'), ['browser', 'figures']);
});

test('what only some engines need is built for experiments that have them', async () => {
  const needed = ['programs', 'wasi', 'engine:node', 'browser', 'figures'];
  assert.deepEqual(await needs('--systems', 'ws-native,ws-wasi-node'), needed);
  const runtimes = ['--systems', 'ws-wasi-node,ws-wasi-wasmtime'];
  assert.deepEqual(await needs(...runtimes, '--no-report'), [
    ...['programs', 'wasi', 'engine:node', 'engine:wasmtime', 'browser'],
  ]);
  assert.deepEqual(await needs('--systems', 'ws-process'), ['programs', 'browser', 'figures']);
  const elsewhere = ['--systems', 'ws-wasi-node', '--build', '/elsewhere'];
  assert.deepEqual(await needs(...elsewhere), ['engine:node', 'browser', 'figures']);
});

test('what starts a probe needs the engines that it names, and no browser', async () => {
  const engines = ['--engines', 'process,wasi-node'];
  for (const command of ['isolation', 'footprint']) {
    assert.deepEqual(await needs(command, ...engines), ['programs', 'wasi', 'engine:node']);
    const elsewhere = await needs(command, ...engines, '--build', '/elsewhere');
    assert.deepEqual(elsewhere, ['engine:node']);
  }
  assert.deepEqual(await needs('overshoot', '--engines', 'process'), ['programs']);
  await assert.rejects(needs('isolation', '--engines', 'lucet'), /'lucet' is none of process, /);
  assert.deepEqual(await needs('sql', 'select 1'), ['engine:duckdb']);
});

test('what cannot be carried out is refused before anything is built for it', async () => {
  await assert.rejects(needs('no-such-experiment'), UsageError);
  await assert.rejects(needs('--systems', 'no-such-system'), UsageError);
  await assert.rejects(needs('resume', '/no/such/run'));
});
