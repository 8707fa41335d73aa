/** Runs sent to a real PostgreSQL, which goes away meanwhile: nothing is lost, and nothing is there twice. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY } from '../../src/base/shell.js';
import { readTrials } from '../../src/run_folder/store.js';
import { HarnessRun } from '../e2e/harness.js';
import { readSql } from '../live_metrics/panels.js';
import { MAIN } from '../places.js';

const REFERENCE = join(REPOSITORY, 'results', 'reference');
const BIN = '/usr/lib/postgresql';

/** A cluster in a folder of its own, on a free port of loopback. */
class Cluster {
  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async make(): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'enxame-postgres-'));
    chmodSync(folder, 0o755);
    const cluster = new Cluster(folder, await freePort());
    if (process.getuid?.() === 0) {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
      chownSync(folder, uid ?? 0, gid ?? 0);
    }
    cluster.as('initdb', '--auth=trust', '--username=postgres', '--no-sync', '-D', cluster.data);
    cluster.start();
    return cluster;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  start(): void {
    const options = `-p ${this.port} -k ${this.folder} -c listen_addresses=127.0.0.1`;
    this.as(
      'pg_ctl',
      '-D',
      this.data,
      '-w',
      '-l',
      join(this.folder, 'log'),
      '-o',
      options,
      'start',
    );
  }

  /** As a server that is killed. */
  stop(): void {
    this.as('pg_ctl', '-D', this.data, '-w', '-m', 'immediate', 'stop');
  }

  remove(): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  ask(query: string): string {
    const flags = ['--no-psqlrc', '--tuples-only', '--no-align', '--command', query, this.url];
    return execFileSync('psql', flags, { encoding: 'utf8' }).trim();
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  /** PostgreSQL does not run as root. */
  private as(program: string, ...args: string[]): void {
    const [version = ''] = readdirSync(BIN).sort((a, b) => Number(b) - Number(a));
    const words = [join(BIN, version, 'bin', program), ...args];
    const asUser = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...words] : words;
    const [command = '', ...rest] = asUser;
    execFileSync(command, rest, { stdio: 'ignore', cwd: this.folder });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

const cluster = await Cluster.make();
after(() => cluster.remove());

async function send(...args: string[]) {
  const run = new HarnessRun();
  run.start('send', ...args, '--to', cluster.url);
  const ended = await run.ended;
  run.remove();
  return ended;
}

test('what a run has is in the tables, once, and the views tell of each worker', async (t) => {
  const cells = ['--systems', 'ws-native', '--workers', '2', '--n', '16', '--duration', '0.5'];
  const run = new HarnessRun('overhead', ...cells, '--quick', '--no-report');
  t.after(() => run.remove());
  assert.equal((await run.ended).code, 0);
  for (const trials of [1, 0]) {
    const { code, stdout, stderr } = await send(run.runFolder());
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`of ${trials} trials`));
  }
  const [trial] = readTrials(run.runFolder());
  assert.ok(trial);
  const measured = cluster.ask("select count(*) from enxame.samples where stage = 'measured'");
  assert.equal(Number(measured), trial.results?.samples);
  const products = 'select count(distinct worker), sum(products) from enxame.worker_throughput';
  const [workers, sum] = cluster.ask(products).split('|');
  assert.equal(workers, '2');
  assert.equal(sum, cluster.ask("select count(*) from enxame.samples where outcome = 'ok'"));
  assert.equal(cluster.ask('select count(*) from enxame.worker_drift'), '2');
  assert.ok(Number(cluster.ask('select count(*) from enxame.telemetry')) > 20);
  assert.match(cluster.ask('select count(*) from enxame.anomalies'), /^\d+$/);
  const runId = cluster.ask('select run_id from enxame.runs');
  const questions = readSql(runId, trial.trial);
  assert.ok(questions.length >= 9);
  for (const { name, sql } of questions) {
    const rows = cluster.ask(sql).split('\n').filter(Boolean);
    // A quiet trial has no anomaly.
    assert.ok(rows.length > 0 || name === 'Anomalies', name);
  }
});

test('a server that is killed in the middle gets what it has not got, and nothing twice', async () => {
  const folder = join(REFERENCE, 'saturation');
  const child = spawn(process.execPath, [MAIN, 'send', folder, '--to', cluster.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const there = () => Number(cluster.ask('select count(*) from enxame.trials'));
  while (there() < 5 && child.exitCode === null) await sleep(20);
  cluster.stop();
  while (!said.includes('waiting for PostgreSQL') && child.exitCode === null) await sleep(20);
  cluster.start();
  assert.equal(await ended, 0, said);
  assert.match(said, /waiting for PostgreSQL/);
  const trials = readTrials(folder);
  const runId = "(select run_id from enxame.runs where experiment = 'saturation')";
  const rows = cluster.ask(
    `select count(distinct trial), count(*) from enxame.trials where run_id = ${runId}`,
  );
  assert.equal(rows, `${trials.length}|${trials.length}`);
  const measured = cluster.ask(
    `select count(*) from enxame.samples join enxame.trials using (trial_id) where stage = 'measured' and run_id = ${runId}`,
  );
  assert.equal(
    Number(measured),
    trials.reduce((sum, { results }) => sum + (results?.samples ?? 0), 0),
  );
});

test('what will not come back is said at once', async () => {
  const run = new HarnessRun();
  const missing = cluster.url.replace(/postgres$/, 'nowhere');
  run.start('send', join(REFERENCE, 'splitting'), '--to', missing);
  const { code, stderr } = await run.ended;
  run.remove();
  assert.equal(code, 1);
  assert.match(stderr, /database "nowhere" does not exist/);
  const nobody = new HarnessRun();
  const closed = `postgres://postgres@127.0.0.1:${await freePort()}/postgres`;
  nobody.start('send', join(REFERENCE, 'splitting'), '--to', closed, '--patience', '1');
  const away = await nobody.ended;
  nobody.remove();
  assert.equal(away.code, 1);
  assert.match(away.stderr, /nothing is lost/);
});
