/** A run that is killed goes on where it was, and ends as if nothing had happened. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verify } from '../../src/analysis/verify.js';
import { readManifest, readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from './harness.js';

const EXPERIMENT = `
question: Does a run survive being killed?
systems: [rpc-tcp, rest-wasm]
axes: {workers: [1, 2], n: 16}
repetition: {launches: 2, duration_s: 0.5, warm_up_s: 0.2, warm_up_limit_s: 2}
validity: {steal_share: 1, other_load_share: 1, unaccounted_share: 1}
`;

const runs: HarnessRun[] = [];
after(() => runs.forEach((run) => void run.remove()));

function start(...args: string[]): HarnessRun {
  const run = new HarnessRun(...args);
  runs.push(run);
  return run;
}

function startExperiment(): { run: HarnessRun; file: string } {
  const run = HarnessRun.prepare();
  runs.push(run);
  const file = join(run.folder, 'killed.yaml');
  writeFileSync(file, EXPERIMENT);
  run.start(file, '--seed', '5', '--no-report', '--out', run.results);
  return { run, file };
}

/** Kills the harness when it said that so many trials had ended, and then a process of the next one runs. */
async function killAfter(run: HarnessRun, trials: number, command = /./): Promise<void> {
  await run.says(`[${trials}/8]`);
  await run.runs(command);
  run.signalGroup('SIGKILL');
  await run.ended;
}

test('killed at three moments and resumed, a run is complete, nothing is lost or measured twice', async () => {
  const { run } = startExperiment();
  await killAfter(run, 1);
  const path = run.runFolder();
  await killAfter(start('resume', path), 3, /bin\/(coordinator|matmul-worker) /);
  await killAfter(start('resume', path), 5, /bin\/load-generator /);
  const last = start('resume', path, '--no-report');
  const { code, stderr } = await last.ended;
  assert.equal(code, 0, stderr);

  assert.deepEqual((await verify(path, () => undefined)).problems, []);
  const rows = readTrials(path);
  const { plan, sessions, status } = readManifest(path);
  assert.equal(status, 'complete');
  assert.equal(sessions.length, 4);
  const ended = rows.filter((row) => row.verdict !== 'interrupted');
  assert.deepEqual(
    ended.map((row) => row.trial),
    plan,
  );
  assert.ok(ended.every((row) => row.valid));
  const killed = rows.filter((row) => row.verdict === 'interrupted');
  assert.ok(killed.length <= 3);
  for (const row of killed) {
    const again = ended.find((other) => other.trial === row.trial);
    assert.ok((again?.attempt ?? 0) > row.attempt, row.trial);
  }
  assert.deepEqual(last.processes(), []);
  assert.deepEqual(last.temporaryFiles(), []);
});

test('an experiment that was changed meanwhile is refused, with the difference', async () => {
  const { run, file } = startExperiment();
  await killAfter(run, 1);
  writeFileSync(file, readFileSync(file, 'utf8').replace('n: 16', 'n: 32'));
  const { code, stderr } = await start('resume', run.runFolder()).ended;
  assert.equal(code, 2, stderr);
  assert.match(stderr, /has changed since the run was planned/);
  assert.match(stderr, /^ {2}axes\.n\.0: 16 → 32$/m);
});
