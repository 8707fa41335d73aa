import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { candidatesFor } from '../../src/cli/completion.js';
import { commandLine } from '../../src/cli/flags.js';

const program = commandLine();

/** The candidates for the last word, without what they mean. */
async function complete(...words: string[]): Promise<string[]> {
  const lines = await candidatesFor(program, words, ROOT);
  return lines.map((line) => line.replace(/\t.*/s, ''));
}

test('the first word is a command, or an experiment to run', async () => {
  const words = await complete('');
  for (const { name } of program.commands.map((each) => ({ name: each.name() }))) {
    assert.ok(words.includes(name), name);
  }
  assert.ok(words.includes('overhead'));
  assert.deepEqual(await complete('ver'), ['verify', ':files']);
  assert.deepEqual(await complete('run', 'overh'), ['overhead', ':files']);
});

test('flags are those of the command, less those that are there', async () => {
  assert.deepEqual(await complete('verify', 'r', '--js'), ['--json']);
  assert.deepEqual(await complete('verify', '--json', 'r', '--js'), []);
  assert.deepEqual(await complete('compare', '--mar'), ['--margin']);
  assert.deepEqual(await complete('--brow'), ['--browser-flags', '--browsers', '--browser-path']);
});

test('values are those that the option takes, lists go on after a comma', async () => {
  assert.deepEqual(await complete('--codec', 'b'), ['binary']);
  assert.deepEqual(await complete('--codec', 'json,b'), ['json,binary']);
  assert.deepEqual(await complete('--split', 'rows,'), ['rows,none', 'rows,grid']);
  assert.deepEqual(await complete('--browsers', ''), ['shared', 'per-worker']);
  assert.deepEqual(await complete('--systems', 'local,local-'), ['local,local-blas']);
  assert.deepEqual(await complete('report', 'r', '--over', 'local'), ['local', 'local-blas']);
  assert.deepEqual(await complete('--workers', ''), []);
});

test('a value may follow an equals sign, which bash takes for a word', async () => {
  assert.deepEqual(await complete('--codec=b'), ['binary']);
  assert.deepEqual(await complete('--codec', '=', 'b'), ['binary']);
  assert.deepEqual(await complete('run', '--codec', '='), await complete('--codec', ''));
  assert.deepEqual(await complete('--codec', '=', 'binary', 'overh'), ['overhead', ':files']);
});

test('runs are folders, and shells know those', async () => {
  assert.deepEqual(await complete('report', 'results/'), [':folders']);
  assert.deepEqual(await complete('compare', 'a', ''), [':folders']);
  assert.deepEqual(await complete('compare', 'a', 'b', ''), []);
  assert.deepEqual(await complete('--out', ''), [':folders']);
  assert.deepEqual(await complete('--browser-path', ''), [':files']);
  assert.deepEqual(await complete('export', 'r', '--open'), ['--openmetrics']);
  assert.deepEqual(await complete('export', 'r', '--openmetrics', ''), [':files']);
});

test('words that mean nothing have no candidates, and do not fail', async () => {
  assert.deepEqual(await complete('--no-such-flag=x'), []);
  assert.deepEqual(await complete('list', 'x', 'y', ''), []);
  assert.deepEqual(await complete('completion', 'fi'), []);
  await complete();
});
