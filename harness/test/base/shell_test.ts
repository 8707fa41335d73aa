import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commandFrom, quote, REPOSITORY, runExperiment } from '../../src/base/shell.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

const WORDS = [
  ...['plain', 'two words', '', "it's", '$HOME', '`id`', 'a"b', 'a\\b', '*', '~', '#no', 'a;b'],
  ...['a\nb', '!x', '-n', 'ação', 'FOO=1', '{a,b}'],
];

test('what is quoted is what a shell reads back', () => {
  const read = (word: string) =>
    execFileSync('bash', ['-c', `printf %s ${quote(word)}`]).toString();
  for (const word of WORDS) assert.equal(read(word), word);
  assert.equal(quote('results/20250131T235959Z-1a2b3c'), 'results/20250131T235959Z-1a2b3c');
});

test('a command works from where the user stands', () => {
  const program = '/home/me/en xame/run-experiment';
  assert.equal(commandFrom('/home/me/en xame', program), './run-experiment');
  assert.equal(commandFrom('/home/me/en xame/results', program), '../run-experiment');
  assert.equal(commandFrom('/home/me', program), "'en xame/run-experiment'");
  assert.equal(commandFrom('/var/lib/somewhere/deep', program), `'${program}'`);
  assert.equal(commandFrom(undefined, program), `'${program}'`);
});

test('the command that is shown is the program of this repository', (t) => {
  assert.ok(existsSync(join(REPOSITORY, 'run-experiment')));
  const back = process.cwd();
  t.after(() => process.chdir(back));
  process.chdir(folder);
  const command = runExperiment('resume', 'my results/x');
  assert.match(command, /run-experiment'? resume 'my results\/x'$/);
  const [program = ''] = command.split(' resume');
  execFileSync('bash', ['-c', `test -x ${program}`], { cwd: folder });
});
