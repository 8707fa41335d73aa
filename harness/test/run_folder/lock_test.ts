import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { ENVIRONMENT, EXPERIMENT, makeRow } from '../examples.js';
import { MAIN } from '../places.js';
import { manifestOf } from '../run_folder.js';

const HOLDER = fileURLToPath(new URL('../fakes/lock_holder.js', import.meta.url));
/** A pid namespace of its own: in it, processes outside do not exist. */
const ELSEWHERE = [
  'unshare',
  ...(process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--mount-proc', '--kill-child', '--'],
];

let folder: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder, ...env },
  });
  started.push(child);
  return child;
}

/** Starts the holder of a lock, and returns when it has said whether it got it. */
async function hold(kind: 'run' | 'scratch', before: readonly string[] = []) {
  const child = start([...before, process.execPath, HOLDER, kind, folder]);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [said] = (await once(lines, 'line')) as [string];
  return { child, said };
}

async function outputOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

const resume = (path: string, before: readonly string[] = []) =>
  outputOf(start([...before, process.execPath, MAIN, 'resume', path]));

test('a run that is worked on is refused to a process that cannot see who does', async () => {
  const run = RunFolder.create(folder, manifestOf(EXPERIMENT), ENVIRONMENT);
  run.appendTrials([makeRow({})]);
  const rows = readFileSync(join(run.path, 'trials.jsonl'));
  const { code, stderr } = await resume(run.path, ELSEWHERE);
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /a process of another container or machine has been working on this run since \d/,
  );
  assert.match(stderr, /wait until it has ended, or end it there$/m);
  assert.deepEqual(readFileSync(join(run.path, 'trials.jsonl')), rows);
});

test('and so the other way round', async () => {
  const { said } = await hold('run', ELSEWHERE);
  const { code, stderr } = await resume(said);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /another container or machine has been working on this run/);
});

test('it is refused before its rows are read, and says whom to end', async () => {
  const { said, child } = await hold('run');
  // Whoever reads this fails in another way.
  appendFileSync(join(said, 'trials.jsonl'), 'no row\nat all\n');
  const { code, stderr } = await resume(said);
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    new RegExp(`process ${child.pid} has been working on this run since .*kill ${child.pid}$`, 'm'),
  );
});

test('the lock of a process that was killed is gone with it', async () => {
  const { said, child } = await hold('run');
  assert.throws(() => RunFolder.open(said), /working on this run/);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.ok(existsSync(join(said, 'lock')));
  RunFolder.open(said).close();
  assert.ok(!existsSync(join(said, 'lock')));
});

test('of many that come and go, one holds the lock at a time', async () => {
  const diary = join(folder, 'diary');
  writeFileSync(diary, '');
  const ends = Array.from({ length: 4 }, () =>
    outputOf(start([process.execPath, HOLDER, 'turns', folder])),
  );
  for (const { code, stderr } of await Promise.all(ends)) assert.equal(code, 0, stderr);
  const entries = readFileSync(diary, 'utf8').trim().split('\n');
  assert.equal(entries.length, 4 * 20 * 2);
  for (let i = 0; i < entries.length; i += 2) {
    const [came = '', left = ''] = entries.slice(i, i + 2);
    assert.equal(left, came.replace('comes', 'goes'), `${i}: ${came}, ${left}`);
  }
});

test('a start removes what a killed one left, and nothing of those that work, wherever', async () => {
  const killed = await hold('scratch');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'close');
  const [here, elsewhere] = [await hold('scratch'), await hold('scratch', ELSEWHERE)];
  const { said } = await hold('scratch');
  assert.ok(!existsSync(killed.said), 'the abandoned folder is still there');
  for (const path of [here.said, elsewhere.said, said]) assert.ok(existsSync(path), path);
});

test("another user's leftovers stay, and are in nobody's way", { skip: notRoot() }, async () => {
  chmodSync(folder, 0o1777);
  const theirs = join(folder, 'enxame-scratch-theirs');
  mkdirSync(join(theirs, 'closed'), { recursive: true, mode: 0o700 });
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const { said } = await hold('scratch', nobody);
  assert.ok(existsSync(said));
  assert.ok(existsSync(join(theirs, 'closed')));
  const own = await hold('scratch');
  assert.ok(existsSync(own.said) && existsSync(said));
});

test('a file system without locks, or a machine without flock, is told as that', async () => {
  const run = RunFolder.create(folder, manifestOf(EXPERIMENT), ENVIRONMENT);
  run.close();
  const { code, stderr } = await outputOf(
    start([process.execPath, MAIN, 'resume', run.path], { PATH: folder }),
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /lock: cannot be locked \(spawnSync flock ENOENT\); expected flock of util-linux/,
  );
});

function notRoot(): string | false {
  return process.geteuid?.() === 0 ? false : 'only root can become another user';
}
