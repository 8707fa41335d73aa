/** Runs that are over, in a real Prometheus that never watched them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import type { CellSummary } from '../../src/analysis/summary.js';
import { REPOSITORY } from '../../src/base/shell.js';
import { freePort } from '../../src/metrics/prometheus.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { readManifest, readText, readTrials } from '../../src/run_folder/store.js';
import { MAIN } from '../places.js';
import { readPanelQueries } from './panels.js';

const SCALING = join(REPOSITORY, 'results/reference/scaling');
const OVERHEAD = join(REPOSITORY, 'results/reference/overhead');

/** One series of an answer, at one time. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
let prometheus: ChildProcess;
let url: string;

before(async () => {
  const data = join(folder, 'data');
  for (const [i, run] of [SCALING, OVERHEAD].entries()) {
    const file = join(folder, `${i}.om`);
    execute(process.execPath, MAIN, 'export', run, '--openmetrics', file);
    execute('promtool', 'tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data);
  }
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}`;
  const configuration = join(REPOSITORY, 'dashboards/prometheus/prometheus.yml');
  const args = [`--config.file=${configuration}`, `--storage.tsdb.path=${data}`];
  args.push('--storage.tsdb.retention.time=10y', `--web.listen-address=${address}`);
  prometheus = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: prometheus.stderr ?? assert.fail() })) {
    said.push(line);
    if (line.includes('Server is ready')) break;
  }
  assert.match(said.at(-1) ?? '', /Server is ready/, said.join('\n'));
  prometheus.stderr?.resume();
});
after(async () => {
  const ended = once(prometheus, 'exit');
  if (prometheus.kill()) await ended;
  rmSync(folder, { recursive: true });
});

function execute(program: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
}

/** What a panel of a dashboard shows of a run at that time. */
async function show(run: string, name: string, atMs: number): Promise<Sample[]> {
  const { run_id } = readManifest(run);
  const queries = readPanelQueries({ $run: run_id, $__range: '1d' });
  return ask(queries.find((query) => query.name === name)?.expr ?? assert.fail(name), atMs);
}

async function ask(query: string, atMs: number): Promise<Sample[]> {
  const parameters = new URLSearchParams({ query, time: String(atMs / 1000) });
  const response = await fetch(`${url}/api/v1/query?${parameters}`);
  const text = await response.text();
  assert.ok(response.ok, `${query}\n${text}`);
  const { data } = JSON.parse(text) as {
    data: { result: { metric: Sample['metric']; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
}

const endOf = (rows: readonly TrialRow[]) =>
  Math.max(...rows.map(({ ended_at }) => Date.parse(ended_at)));

/** The median of the latest valid trial of each cell, in s, by what `key` makes of its row. */
function latestMedians(
  rows: readonly TrialRow[],
  key: (row: TrialRow) => string,
): Record<string, number> {
  const medians: Record<string, number> = {};
  for (const row of rows) {
    const ms = row.results?.median_response_ms;
    if (row.valid && ms !== undefined) medians[key(row)] = ms / 1000;
  }
  return medians;
}

const sorted = (values: Readonly<Record<string, number>>) =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

for (const run of [SCALING, OVERHEAD]) {
  test(`a panel shows the latest trial of each cell of ${run.replace(/.*\//, '')}`, async () => {
    const rows = readTrials(run);
    const name = 'Enxame: HTTP overhead against worker scaling / Median response time / A';
    const samples = await show(run, name, endOf(rows));
    const shown = samples.map(({ metric, value }) => {
      // 128 is the default and no label.
      const { system, workers, n = '128' } = metric;
      return [`${system} ${workers} ${n}`, value];
    });
    const expected = latestMedians(rows, ({ system, workers, n }) => `${system} ${workers} ${n}`);
    assert.equal(shown.length, Object.keys(expected).length);
    assert.deepEqual(sorted(Object.fromEntries(shown)), sorted(expected));
  });
}

test('a 95th percentile is shown where the report has it', async () => {
  const name = 'Enxame: HTTP overhead against worker scaling / Response time, 95th percentile / A';
  const [withOne, without] = [new Set<string>(), new Set<string>()];
  for (const run of [SCALING, OVERHEAD]) {
    const samples = await show(run, name, endOf(readTrials(run)));
    const shown = samples
      .filter(({ value }) => Number.isFinite(value))
      .map(({ metric }) => `${metric['system']} ${metric['workers']} ${metric['n'] ?? 128}`);
    const cells = JSON.parse(readText(run, 'summary.json')) as CellSummary[];
    const reported = cells
      .filter((cell) => cell.p95_response_ms.value !== null)
      .map(({ system, workers, n }) => `${system} ${workers} ${n}`);
    for (const { cell, p95_response_ms: p95 } of cells) {
      (p95.value === null ? without : withOne).add(cell);
    }
    assert.deepEqual(shown.sort(), reported.sort());
  }
  assert.ok(withOne.size > 0 && without.size > 0);
});

test('a ratio is of two systems at the same workers', async () => {
  const rows = readTrials(SCALING);
  const medians = latestMedians(rows, ({ system, workers }) => `${system} ${workers}`);
  const of = (system: string, workers: number) => medians[`${system} ${workers}`] ?? Number.NaN;
  const title = 'Response time, $numerator over $denominator';
  const name = `Enxame: HTTP overhead against worker scaling / ${title} / A`;
  const samples = await show(SCALING, name, endOf(rows));
  const shown = samples.map(({ metric, value }) => [metric['workers'] ?? '', value.toFixed(9)]);
  const workers = new Set(rows.filter(({ valid }) => valid).map((row) => row.workers));
  const expected = [...workers]
    .map((count) => [String(count), of('rest-wasm', count) / of('rpc-tcp', count)] as const)
    .filter(([, ratio]) => Number.isFinite(ratio))
    .map(([count, ratio]) => [count, ratio.toFixed(9)]);
  assert.ok(expected.length > 2);
  assert.deepEqual(shown.sort(), expected.sort());
});

test('trials are marked from their start to their end, and counted when they end', async () => {
  const rows = readTrials(SCALING);
  const marked = async (atMs: number) => {
    const samples = await show(SCALING, 'Enxame: a run, trial by trial / Trials', atMs);
    const running = samples.filter(({ value }) => value > 0);
    return running.map(({ metric }) => `${metric['system']} ${metric['workers']}`).sort();
  };
  const counted = async (atMs: number) => {
    const [sample] = await show(SCALING, 'Enxame: a run, trial by trial / Trials / A', atMs);
    return sample?.value;
  };
  for (const row of rows) {
    const [startMs, endMs] = [Date.parse(row.started_at), Date.parse(row.ended_at)];
    for (const atMs of [startMs, endMs - 1, endMs]) {
      const running = rows.filter(
        ({ started_at, ended_at }) => Date.parse(started_at) <= atMs && atMs < Date.parse(ended_at),
      );
      const cells = running.map(({ system, workers }) => `${system} ${workers}`);
      assert.deepEqual(await marked(atMs), cells.sort());
      const ended = rows.filter(({ ended_at }) => Date.parse(ended_at) <= atMs);
      assert.equal(await counted(atMs), ended.length);
    }
  }
});
