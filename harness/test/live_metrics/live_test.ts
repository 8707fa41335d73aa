/** A real run under a real Prometheus. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CELL_LABELS } from '../../src/launch/cell_labels.js';
import { HarnessRun } from '../e2e/harness.js';
import { hasData, type PanelQuery, readPanelQueries } from './panels.js';

const startedS = Date.now() / 1000;
let run: HarnessRun;
let prometheus: string;
let harness: string;
/** The pages that were seen with something on them, by their path. */
const pages = new Map<string, string>();

before(async () => {
  const cells = ['--workers', '1,2', '--n', '32', '--duration', '2.5', '--launches', '2'];
  run = new HarnessRun(...cells, '--quick', '--seed', '3', '--prometheus');
  await run.says('Prometheus: ');
  prometheus = urlAfter('Prometheus: ');
  harness = urlAfter('metrics: ');
});
after(() => run.remove());

function urlAfter(words: string): string {
  const said = run.saidSoFar;
  const match = new RegExp(`${words}(http://\\S+)`).exec(said);
  assert.ok(match?.[1], `no '${words}' in:\n${said}`);
  return match[1];
}

async function keepPage(path: string): Promise<void> {
  const response = await fetch(harness + path);
  const text = await response.text();
  // Between a program's end and the next one's start there is none to ask.
  if (response.ok && text !== '') pages.set(path, text);
}

test('every query of every panel returns data while the run goes on', async () => {
  const queries = readPanelQueries();
  assert.ok(queries.length > 40, `${queries.length} queries`);
  let missing: PanelQuery[] = queries;
  let over = false;
  void run.ended.then(() => {
    over = true;
  });
  while (missing.length > 0 && !over) {
    // Data comes as trials come; nothing tells when.
    await sleep(1000);
    try {
      for (const path of ['', '/coordinator', '/workers']) await keepPage(path);
      const found = await Promise.all(missing.map((query) => hasData(prometheus, query, startedS)));
      missing = missing.filter((_, i) => !found[i]);
    } catch (error) {
      // The run may end between a question and its answer.
      if (!(error instanceof TypeError)) throw error;
      await run.ended;
    }
  }
  const names = missing.map(({ name, expr }) => `${name}: ${expr}`);
  assert.deepEqual(names, [], run.saidSoFar);
});

test('no series carries the id of a task or of a worker', async () => {
  const response = await fetch(`${prometheus}/api/v1/labels`);
  const { data } = (await response.json()) as { data: string[] };
  const known = ['alertname', 'alertstate', 'direction', 'instance', 'job', 'kind', 'le', 'mode'];
  const more = ['outcome', 'phase', 'reason', 'role', 'route', 'run', 'stage', 'state', 'status'];
  const all = [...known, ...more, ...CELL_LABELS, 'verdict', '__name__'];
  assert.deepEqual(
    data.filter((label) => !all.includes(label)),
    [],
  );
  const workers = await fetch(`${prometheus}/api/v1/label/workers/values`);
  assert.deepEqual(((await workers.json()) as { data: string[] }).data, ['1', '2']);
});

for (const path of ['', '/coordinator', '/workers']) {
  test(`the names and types on /metrics${path} are as Prometheus wants them`, () => {
    const input = pages.get(path);
    assert.ok(input, 'there never was such a page');
    const options = { input, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], options);
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
}

test('Prometheus ends with the run and leaves nothing behind', async () => {
  run.signalGroup('SIGINT');
  const { code, stderr } = await run.ended;
  assert.equal(code, 130, stderr);
  assert.deepEqual(run.processes(), []);
  assert.deepEqual(run.temporaryFiles(), []);
});
