import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { Teardown } from '../../src/base/teardown.js';
import { makePaths } from '../../src/experiment/paths.js';
import { workersFor } from '../../src/experiment/systems.js';
import { HeadlessBrowser } from '../../src/launch/browser/browser.js';
import { Coordinator } from '../../src/launch/coordinator.js';
import { type Program, Programs } from '../../src/launch/parts/processes.js';
import { readTrials } from '../../src/run_folder/store.js';
import { SYSTEMS } from '../examples.js';
import { HarnessRun } from './harness.js';

const build = process.env['ENXAME_BUILD'];
const paths = makePaths(ROOT, build === undefined ? {} : { build });
const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
const programs = new Programs();
const SOON_MS = 60_000;
const signal = new AbortController().signal;
const teardown = new Teardown();

afterEach(async () => assert.deepEqual(await teardown.run(), []));
after(() => rmSync(folder, { recursive: true }));

async function startCoordinator(port = 0): Promise<Coordinator & { readonly program: Program }> {
  const args = ['--listen', '127.0.0.1', '--port', String(port), '--site', paths.site];
  const program: Program = programs.start(
    'coordinator',
    paths.coordinator,
    args,
    join(folder, 'log'),
  );
  teardown.add('the coordinator', async () => void (await program.stop()));
  return Object.assign(await Coordinator.ready(program, signal), { program });
}

function startBrowser(): Promise<HeadlessBrowser> {
  return HeadlessBrowser.launch(paths.browser, programs, teardown, signal);
}

function workerUrls(coordinator: Coordinator, count: number): string[] {
  const system = SYSTEMS.find(({ engine }) => engine === 'browser');
  assert.ok(system);
  const workers = workersFor(system, 'relayed');
  assert.ok('page' in workers);
  const setup = { system, workers: count, serviceMs: 0 };
  return Array.from({ length: count }, (_, i) =>
    workers.urlOf(setup, { coordinator: coordinator.url, workerId: `w${i + 1}` }),
  );
}

/** Submits [[1,2],[3,4]] · [[5,6],[7,8]] and returns the product's text. */
async function multiply({ url }: Coordinator): Promise<string> {
  const body = JSON.stringify({ A: '[[1,2],[3,4]]', B: '[[5,6],[7,8]]' });
  const headers = { 'Content-Type': 'application/json' };
  const submitted = await fetch(`${url}/task`, { method: 'POST', headers, body });
  const { taskId } = (await submitted.json()) as { taskId: number };
  const answer = await fetch(`${url}/result/${taskId}?wait=20000`);
  const { result } = (await answer.json()) as { result: string };
  return result;
}

test('sixteen browser workers: every product is right and nothing is left behind', async (t) => {
  const run = new HarnessRun(
    '--systems',
    'rest-wasm',
    '--workers',
    '16',
    '--quick',
    '--n',
    '64',
    '--no-report',
  );
  t.after(() => run.remove());
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const [row] = readTrials(run.runFolder());
  assert.equal(row?.workers, 16);
  assert.equal(row?.results?.wrong, 0);
  assert.ok((row?.results?.samples ?? 0) >= 16);
  assert.deepEqual(run.processes(), []);
  assert.deepEqual(run.temporaryFiles(), []);
});

test('a browser for each worker works as well', async (t) => {
  const cells = ['--systems', 'rest-wasm', '--workers', '2', '--quick', '--n', '32'];
  const run = new HarnessRun(
    ...cells,
    '--duration',
    '0.5',
    '--browsers',
    'per-worker',
    '--no-report',
  );
  t.after(() => run.remove());
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(run.processes(), []);
});

test('worker pages work unattached, and attached only when that is asked for', async () => {
  const coordinator = await startCoordinator();
  const free = await startBrowser();
  await free.openUnattached(workerUrls(coordinator, 2), signal);
  await coordinator.waitForWorkers(2, SOON_MS, signal);
  assert.deepEqual(await free.countPages(), { pages: 2, attached: 0 });
  assert.equal(await multiply(coordinator), '[[19,22],[43,50]]');
  assert.deepEqual(await free.countPages(), { pages: 2, attached: 0 });

  const driven = await startBrowser();
  await driven.openAttached(workerUrls(coordinator, 1), signal);
  assert.deepEqual(await driven.countPages(), { pages: 1, attached: 1 });
});

test('a worker page goes on when the coordinator was away and comes back', async () => {
  const first = await startCoordinator();
  const browser = await startBrowser();
  await browser.openUnattached(workerUrls(first, 1), signal);
  await first.waitForWorkers(1, SOON_MS, signal);
  assert.equal(await multiply(first), '[[19,22],[43,50]]');

  await first.program.stop();
  const second = await startCoordinator(Number(new URL(first.url).port));
  await second.waitForWorkers(1, SOON_MS, signal);
  assert.equal(await multiply(second), '[[19,22],[43,50]]');
});

test('a browser that does not start is told of in one line, with the cause and the log', async () => {
  const executable = join(folder, 'chrome');
  const missing =
    'error while loading shared libraries: libnss3.so: cannot open shared object file';
  writeFileSync(executable, `#!/bin/sh\necho "$0: ${missing}" >&2\nexit 127\n`, { mode: 0o755 });
  const log = join(folder, 'browser.log');
  const launching = HeadlessBrowser.launch(executable, programs, teardown, signal, { log });
  await assert.rejects(launching, (error: Error) => {
    assert.match(error.message, /did not start: the library libnss3\.so is missing; install/);
    assert.ok(error.message.length < 400 && !error.message.includes('\n'), error.message);
    return true;
  });
  assert.match(readFileSync(log, 'utf8'), /libnss3\.so/);
  const nowhere = HeadlessBrowser.launch('/no/chrome', programs, teardown, signal);
  await assert.rejects(
    nowhere,
    /did not start: there is no '\/no\/chrome'; install .*--browser-path$/,
  );
});

async function openMainApp(coordinator: Coordinator): Promise<Page> {
  const browser = await chromium.launch({ executablePath: paths.browser });
  teardown.add('the browser of the main app', () => browser.close());
  const page = await browser.newPage();
  await page.goto(`${coordinator.url}/`);
  return page;
}

test('the main app shows how a task waits, is computed, and what came of it', async () => {
  const coordinator = await startCoordinator();
  const page = await openMainApp(coordinator);
  await page.fill('#a', '[[1,2],[3,4]]');
  await page.fill('#b', '[[5,6],[7,8]]');
  await page.click('#submit:enabled');
  await page.waitForSelector('#submission-1[data-state=pending]');

  const browser = await startBrowser();
  await browser.openUnattached(workerUrls(coordinator, 1), signal);
  const card = await page.waitForSelector('#submission-1[data-state=completed]');
  const product = await card.$$eval('[data-field=product] td', (cells) =>
    cells.map((cell) => cell.textContent),
  );
  assert.deepEqual(product, ['19', '22', '43', '50']);
});

test('the main app says what is wrong with a matrix before anything is sent', async () => {
  const coordinator = await startCoordinator();
  const page = await openMainApp(coordinator);
  await page.waitForSelector('#submit:enabled');
  await page.fill('#a', '[[1,2],[3]]');
  await page.click('#submit');
  assert.notEqual((await page.textContent('#problem'))?.trim(), '');
  assert.equal(await page.$('#submission-1'), null);
});
