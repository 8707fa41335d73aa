import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { readTrials } from '../../src/run_folder/store.js';
import { eventually, HarnessRun } from './harness.js';

const LOAD = /bin\/load-generator /;

let run: HarnessRun;
afterEach(() => run.remove());

/** A run that would take a minute, with a browser and with RPC workers; it counts on a busy machine, too. */
function startLong(): HarnessRun {
  const cells = ['--systems', 'rest-wasm,rpc-tcp', '--workers', '3', '--n', '32'];
  return new HarnessRun('--quick', ...cells, '--duration', '1', '--launches', '8', '--seed', '1');
}

function assertNothingLeft(): void {
  assert.deepEqual(run.processes(), []);
  assert.deepEqual(run.temporaryFiles(), []);
}

const statusOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).status;

// What the harness is doing then is told by what it has just started.
const moments: [string, () => Promise<void>][] = [
  ['as soon as it was started', async () => {}],
  ['at its first word', () => run.says('\n')],
  // Not when it only says what it can do.
  ['while a program starts', () => run.runs(/bin\/(coordinator|matmul-worker) (?!--capabilities)/)],
  ['while the browser starts', () => run.runs(/headless.shell/)],
  ['while tabs are opened', () => run.runs(/headless.shell.* --type=renderer/)],
  ['while the load begins', () => run.runs(LOAD)],
  ['when a trial has just ended', () => run.says('[ 1/16]')],
];
for (const [when, comes] of moments) {
  test(`Ctrl-C ${when} leaves nothing behind`, async () => {
    run = startLong();
    await comes();
    run.signalGroup('SIGINT');
    const { code, signal, stderr } = await run.ended;
    // Until Node has loaded the harness, it is Node that is ended.
    assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal}\n${stderr}`);
    assertNothingLeft();
  });
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${name} in the second trial keeps the first and says so`, async () => {
    run = startLong();
    await run.says('[ 1/16]');
    run.signalGroup(name);
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, new RegExp(`interrupted by ${name}\\nstopping`));
    assert.match(stderr, /1 complete trial was kept/);
    assert.match(stdout, /^(rest-wasm|rpc-tcp) +3 /m);
    const folder = run.runFolder();
    assert.equal(statusOf(folder), 'interrupted');
    assert.deepEqual(
      readTrials(folder).map((row) => [row.valid, row.invalid_because]),
      [
        [true, ''],
        [false, `interrupted by ${name}`],
      ],
    );
    assert.ok(existsSync(join(folder, 'summary.csv')));
    assertNothingLeft();
  });
}

test('a second Ctrl-C does not wait for anything', async () => {
  run = startLong();
  await run.says('[ 1/16]');
  await run.runs(LOAD);
  run.signalGroup('SIGINT');
  await run.says('interrupted');
  run.signalGroup('SIGINT');
  assert.equal((await run.ended).code, 130);
  await eventually(
    () => run.processes().length === 0,
    () => run.processes().join('\n'),
  );
  assert.deepEqual(run.temporaryFiles(), []);
});

test('Ctrl-C while the figure is drawn leaves nothing behind and the results whole', async () => {
  run = new HarnessRun('--systems', 'local', '--workers', '1', '--quick', '--duration', '0.2');
  await run.says('drawing the figures');
  await run.runs(/python3/);
  run.signalGroup('SIGINT');
  assert.equal((await run.ended).code, 130);
  assert.equal(statusOf(run.runFolder()), 'complete');
  assertNothingLeft();
});

test('when the harness is killed, what it started ends by itself and its files can be read', async () => {
  run = startLong();
  await run.says('[ 1/16]');
  await run.runs(LOAD);
  run.signalGroup('SIGKILL');
  assert.equal((await run.ended).signal, 'SIGKILL');
  await eventually(
    () => run.processes().length === 0,
    () => run.processes().join('\n'),
  );
  const folder = run.runFolder();
  assert.equal(statusOf(folder), 'running');
  assert.ok(readTrials(folder).length >= 1);
});
