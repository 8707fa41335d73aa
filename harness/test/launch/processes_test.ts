import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Programs } from '../../src/launch/parts/processes.js';
import { isRunning } from '../machine.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));
const programs = new Programs();
const signal = new AbortController().signal;
let logs = 0;

function start(script: string) {
  const log = join(folder, `${++logs}.log`);
  return { program: programs.start('the thing', 'sh', ['-c', script], log), log };
}

test('a program tells where it listens, and ends with 0 when it is told to', async () => {
  const { program, log } = start(
    'trap "exit 0" TERM; echo listening on 127.0.0.1:7; sleep 60 & wait',
  );
  assert.equal(await program.listening(signal), '127.0.0.1:7');
  assert.ok(program.cpuSeconds() >= 0);
  assert.equal(await program.stop(), 0);
  assert.ok(!existsSync(log), 'an empty log was kept');
});

test('a program reads what it is told, and there is nothing on the stdin of another', async () => {
  const script = 'read -r line; echo "got $line"; read -r line || echo nothing follows';
  const log = join(folder, 'told.log');
  for (const input of [true, false]) {
    const program = programs.start('the thing', 'sh', ['-c', script], log, { input });
    const lines: string[] = [];
    program.lines.on('line', (line) => lines.push(line));
    if (input) program.tell('a word\n');
    assert.equal(await program.ended, 0);
    assert.deepEqual(lines, [input ? 'got a word' : 'got ', 'nothing follows']);
  }
});

test('a program that ended before it was told anything is no error', async () => {
  const log = join(folder, 'deaf.log');
  const program = programs.start('the thing', 'sh', ['-c', 'exit 3'], log, { input: true });
  assert.equal(await program.ended, 3);
  program.tell('x'.repeat(1_000_000));
  assert.equal(await program.stop(), 3);
});

test('a program that does not start says why', async () => {
  const { program, log } = start('echo oh >&2; echo port 7 is taken >&2; exit 3');
  await assert.rejects(
    program.listening(signal),
    /the thing \(pid \d+\) ended with 3 before it listened: port 7 is taken/,
  );
  assert.equal(await program.stop(), 3);
  assert.equal(readFileSync(log, 'utf8'), 'oh\nport 7 is taken\n');
});

test('a program that is not there is said to be not there', async () => {
  const program = programs.start('ghost', join(folder, 'ghost'), [], join(folder, 'ghost.log'));
  await assert.rejects(
    program.listening(signal),
    /ghost \(pid \d+\) ended with 127 before it listened: .*not found/,
  );
});

test('a program that does not heed SIGTERM is killed, and so is what it started', async () => {
  const { program } = start('trap "" TERM; sleep 3600 & echo listening on $!; wait; wait');
  const child = Number(await program.listening(signal));
  assert.equal(await program.stop(200), 'SIGKILL');
  assert.ok(!isRunning(child));
});

test('a signal that is for the program alone does not reach what it has started', async () => {
  const { program } = start(
    'sleep 60 & trap "echo $!" USR1; echo listening on 127.0.0.1:7; while :; do wait; done',
  );
  await program.listening(signal);
  program.signalAlone('SIGUSR1');
  const [child] = (await once(program.lines, 'line')) as [string];
  assert.ok(isRunning(Number(child)), 'it has ended the child');
  await program.stop();
});

test('all that still runs can be killed at once', async () => {
  const { program } = start('echo listening on x; sleep 3600');
  await program.listening(signal);
  programs.killAll();
  assert.equal(await program.ended, 'SIGKILL');
});

/** Whether a program ran whose harness is killed, or not, while setpriv has not done its part yet. */
async function runsWhen(killed: boolean): Promise<boolean> {
  const own = join(folder, `killed-${killed}`);
  const [go, here, ran] = ['go', 'here', 'ran'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(own);
  spawnSync('mkfifo', [go, here]);
  // Says that it is there, waits, and keeps `here` open until the program has ended.
  const slow = `#!/bin/sh\nexec 9>${here}; echo here >&9; read line <${go}; PATH=$REST exec setpriv "$@"\n`;
  writeFileSync(join(own, 'setpriv'), slow, { mode: 0o755 });
  const module = new URL('../../src/launch/parts/processes.js', import.meta.url).href;
  const script = `import { Programs } from ${JSON.stringify(module)};
    new Programs().start('it', 'touch', [${JSON.stringify(ran)}], ${JSON.stringify(join(own, 'log'))});`;
  const { PATH = '' } = process.env;
  const env = { ...process.env, PATH: `${own}:${PATH}`, REST: PATH };
  const harness = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
  const ended = once(harness, 'close');
  const life = createReadStream(here);
  await once(life, 'data');
  if (killed) {
    harness.kill('SIGKILL');
    await ended;
  }
  writeFileSync(go, 'go\n');
  await once(life.resume(), 'end');
  await ended;
  return existsSync(ran);
}

test('a program whose harness was killed while it was started does not run', async () => {
  assert.equal(await runsWhen(false), true);
  assert.equal(await runsWhen(true), false);
});
