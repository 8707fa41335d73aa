/** What people see of the pages: behind a proxy, in many tabs, and in browsers that lack something. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { Teardown } from '../../src/base/teardown.js';
import { type Answer, htmlPage } from '../fakes/prefix_proxy.js';
import { openProfile, startCoordinator, startProxy } from './pages.js';

const teardown = new Teardown();
afterEach(async () => assert.deepEqual(await teardown.run(), []));

async function open(profile: BrowserContext, url: string): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(url);
  return page;
}

/** What the element says once it says `text`. */
async function read(page: Page, selector: string, text: string): Promise<string> {
  const element = await page.waitForSelector(`${selector}:has-text("${text}")`);
  return (await element.textContent()) ?? '';
}

/** Submits [[1,2],[3,4]] · [[5,6],[7,8]] and returns the product that is shown. */
async function multiply(page: Page): Promise<(string | null)[]> {
  await page.click('#submit:enabled');
  const card = await page.waitForSelector('#submission-1[data-state=completed]');
  return card.$$eval('[data-field=product] td', (cells) => cells.map((cell) => cell.textContent));
}

/** A file that only this user may read. */
function tokenFile(token: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  teardown.add('a token', async () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tokens');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

/** Submits [[1]] · [[2]]. */
async function post(url: string): Promise<{ taskId: number }> {
  const response = await fetch(url, { method: 'POST', body: '{"A":"[[1]]","B":"[[2]]"}' });
  return (await response.json()) as { taskId: number };
}

const PRODUCT = ['19', '22', '43', '50'];

test('behind the path of a proxy all is as without it', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown);
  const app = await open(profile, `${proxy.url}/`);
  await app.waitForSelector('body[data-coordinator=reachable]');
  for (const query of ['', '?wait=500&codec=binary', '?dispatch=poll&interval=50']) {
    const worker = await open(profile, `${proxy.url}/worker.html${query}`);
    await app.waitForSelector('#workers tbody tr');
    await app.reload();
    assert.deepEqual(await multiply(app), PRODUCT);
    await worker.waitForSelector('#completed:text-is("1")');
    await worker.close();
  }
  assert.deepEqual(proxy.outside, []);
});

test("a proxy's own page is described, not shown", async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const isData = /^\/(task|workers|ws|health)/;
  proxy.answer = (_, path) => (isData.test(path) ? htmlPage(502) : undefined);
  const profile = await openProfile(teardown);
  const said = 'the answer is text/html with status 502, from something between';
  const app = await open(profile, `${proxy.url}/`);
  const places: [Page, string][] = [[app, '#coordinator']];
  for (const query of ['', '?dispatch=long-poll&wait=500'])
    places.push([await open(profile, `${proxy.url}/worker.html${query}`), '#message']);
  for (const [page, selector] of places)
    assert.doesNotMatch(await read(page, selector, said), /[<>]|nginx/);
  await app.click('#submit:enabled');
  assert.doesNotMatch(await read(app, '#submission-1 [data-field=message]', said), /[<>]|nginx/);

  proxy.answer = () => undefined; // it is back
  for (const [page] of places) await page.waitForSelector('body[data-coordinator=reachable]');
  await app.waitForSelector('#submission-1[data-state=completed]');
});

test('a login in between, and a proxy that does not pass WebSockets on, are told', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown);
  const login: Answer = { status: 302, headers: { Location: '/login' }, body: '' };
  proxy.answer = (method, path) => {
    if (method === 'UPGRADE') return htmlPage(400);
    return path === '/workers' ? login : undefined;
  };
  const app = await open(profile, `${proxy.url}/`);
  await read(app, '#coordinator', 'redirects, to a login perhaps');
  const worker = await open(profile, `${proxy.url}/worker.html`);
  await read(worker, '#message', 'does not pass WebSockets on');
  await worker.waitForSelector('body[data-coordinator=away]');
});

test('a page that is refused says by what', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const refusal = {
    status: 403,
    headers: { 'Content-Type': 'application/json' },
    body: '{"error":"Origin is http://a.example; start it with --allow-origin"}',
  };
  const isRefused = (method: string) => ['UPGRADE', 'OPTIONS', 'POST'].includes(method);
  proxy.answer = (method, path) => (isRefused(method) || path === '/workers' ? refusal : undefined);
  const profile = await openProfile(teardown);
  const said = '403 (Origin is http://a.example; start it with --allow-origin)';
  const app = await open(profile, `${proxy.url}/`);
  await app.waitForSelector('body[data-coordinator=refusing]');
  await read(app, '#coordinator', said);
  const worker = await open(profile, `${proxy.url}/worker.html`);
  await read(worker, '#message', said);
});

test('pages show the token of their address, and say when it is missing or not theirs', async () => {
  const [ofClient, ofWorker] = ['client-0123456789', 'worker-0123456789'];
  const coordinator = await startCoordinator(teardown, 0, [
    ...['--client-tokens', tokenFile(ofClient), '--worker-tokens', tokenFile(ofWorker)],
    ...['--path-prefix', '/below'],
  ]);
  const site = `${coordinator.url}/below`;
  const profile = await openProfile(teardown);
  const app = await open(profile, `${site}/#token=${ofClient}`);
  await app.waitForSelector('body[data-coordinator=reachable]');
  for (const query of ['', '?wait=500&codec=binary', '?dispatch=poll&interval=50']) {
    const worker = await open(profile, `${site}/worker.html${query}#token=${ofWorker}`);
    await app.reload();
    assert.deepEqual(await multiply(app), PRODUCT);
    await worker.waitForSelector('#completed:text-is("1")');
    await worker.close();
  }
  const stranger = await open(profile, `${site}/`);
  await stranger.waitForSelector('body[data-coordinator=refusing]');
  await read(stranger, '#coordinator', '#token=TOKEN at the end of its address');
  const idle = await open(profile, `${site}/worker.html`);
  await read(idle, '#message', '#token=TOKEN at the end of its address');
  const wrong = await open(profile, `${site}/worker.html#token=${ofClient}`);
  await read(wrong, '#message', 'the token is not one of a worker');
});

test('many tabs of one profile leave the main app its connections', async () => {
  const coordinator = await startCoordinator(teardown);
  const profile = await openProfile(teardown);
  for (let i = 1; i <= 10; i++)
    await open(profile, `${coordinator.url}/worker.html?workerId=w${i}`);
  await coordinator.waitForWorkers(10, 60_000, new AbortController().signal);
  assert.deepEqual(await multiply(await open(profile, `${coordinator.url}/`)), PRODUCT);
});

test('tabs that hold a connection each say so before nothing loads any more', async () => {
  const coordinator = await startCoordinator(teardown);
  const profile = await openProfile(teardown);
  const app = await open(profile, `${coordinator.url}/`);
  const workers: Page[] = [];
  for (let i = 1; i <= 5; i++) {
    workers.push(await open(profile, `${coordinator.url}/worker.html?dispatch=long-poll`));
    await workers[i - 1]?.waitForSelector('body[data-state=asking]');
  }
  for (const page of [...workers, app]) await read(page, '#crowd', '5 worker tabs of this browser');
  await workers[0]?.close();
  for (const page of [...workers.slice(1), app])
    await page.waitForSelector('#crowd:empty', { state: 'attached' });
});

test('a worker says that the coordinator is away, and that it is back', async () => {
  const first = await startCoordinator(teardown);
  const profile = await openProfile(teardown);
  const pages = [];
  for (const query of ['', '?dispatch=long-poll&wait=500'])
    pages.push(await open(profile, `${first.url}/worker.html${query}`));
  for (const page of pages) {
    await page.waitForSelector('body[data-coordinator=reachable]');
    await read(page, '#coordinator-now', 'serves');
  }
  await first.program.stop();
  for (const page of pages) {
    await page.waitForSelector('body[data-coordinator=away]');
    await read(page, '#coordinator-now', 'has not served for');
    await read(page, '#message', 'no answer (Failed to fetch); trying again in');
  }
  await startCoordinator(teardown, Number(new URL(first.url).port));
  for (const page of pages) {
    await page.waitForSelector('body[data-coordinator=reachable]');
    await read(page, '#coordinator-now', 'serves again, after');
    await read(page, '#absence', 'It was restarted meanwhile.');
  }
});

test('a coordinator that was only out of reach is not called restarted', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown);
  const worker = await open(profile, `${proxy.url}/worker.html?dispatch=poll&interval=100`);
  await worker.waitForSelector('body[data-coordinator=reachable]');
  proxy.answer = () => 'cut';
  await worker.waitForSelector('body[data-coordinator=away]');
  const body = `process_start_time_seconds ${Date.now() / 1000 - 3600}\n`;
  const upForLong = { status: 200, headers: { 'Content-Type': 'text/plain' }, body };
  proxy.answer = (_, path) => (path === '/metrics' ? upForLong : undefined);
  await read(worker, '#absence', 'It was out of reach, and was not restarted.');
});

test('without WebAssembly both pages say what to do', async () => {
  const coordinator = await startCoordinator(teardown);
  const profile = await openProfile(teardown, '--js-flags=--jitless');
  const worker = await open(profile, `${coordinator.url}/worker.html`);
  await worker.waitForSelector('body[data-state=stopped]');
  await read(worker, '#message', 'WebAssembly is switched off in this browser');
  const app = await open(profile, `${coordinator.url}/`);
  await read(app, '#coordinator', 'WebAssembly is switched off in this browser');
});

test('without SIMD the worker says so', async () => {
  const coordinator = await startCoordinator(teardown);
  const profile = await openProfile(teardown, '--js-flags=--no-enable-sse4-1');
  const worker = await open(profile, `${coordinator.url}/worker.html`);
  await worker.waitForSelector('body[data-state=stopped]');
  await read(worker, '#message', 'runs WebAssembly without SIMD');
});

test('a policy of a proxy that forbids WebAssembly or workers is named', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown);
  for (const policy of [
    "script-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'",
  ]) {
    proxy.headers = { 'content-security-policy': policy };
    const worker = await open(profile, `${proxy.url}/worker.html`);
    await worker.waitForSelector('body[data-state=stopped]');
    await read(worker, '#message', 'A Content-Security-Policy forbids what this page needs');
  }
  proxy.headers = { 'content-security-policy': "script-src 'self'" };
  const app = await open(profile, `${proxy.url}/`);
  await read(app, '#coordinator', 'A Content-Security-Policy forbids what this page needs');
});

const SCRIPT = { status: 200, headers: { 'Content-Type': 'text/javascript' } };

const UNLOADABLE: [what: string, file: RegExp, answer: Answer, said: string][] = [
  [
    'is not there',
    /\.wasm$/,
    htmlPage(404),
    '.wasm could not be loaded: the answer is text/html with status 404',
  ],
  [
    'is a page',
    /\.wasm$/,
    htmlPage(200),
    '.wasm could not be loaded: the answer is text/html with status 200',
  ],
  ['is cut off', /\.wasm$/, 'cut', '.wasm could not be loaded: no answer'],
  [
    'has no loader',
    /enxame-[\w-]+\.js$/,
    htmlPage(404),
    '.js could not be loaded: the answer is text/html with status 404',
  ],
  [
    'has a loader of another type',
    /enxame-[\w-]+\.js$/,
    htmlPage(200),
    '.js could not be loaded: the answer is text/html with status 200',
  ],
  [
    'throws',
    /enxame-[\w-]+\.js$/,
    { ...SCRIPT, body: 'export default () => { throw new Error("boom"); };' },
    'boom',
  ],
];

for (const [what, file, answer, said] of UNLOADABLE) {
  test(`a module that ${what} is told on both pages`, async () => {
    const coordinator = await startCoordinator(teardown);
    const proxy = await startProxy(coordinator.url, teardown);
    proxy.answer = (_, path) => (file.test(path) ? answer : undefined);
    const profile = await openProfile(teardown);
    const worker = await open(profile, `${proxy.url}/worker.html`);
    await worker.waitForSelector('body[data-state=stopped]');
    assert.doesNotMatch(await read(worker, '#message', said), /[<>]/);
    assert.doesNotMatch(
      await read(await open(profile, `${proxy.url}/`), '#coordinator', said),
      /[<>]/,
    );
  });
}

test('a module of another type is computed with all the same', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  proxy.headersOf = /\.wasm$/;
  proxy.headers = { 'content-type': 'application/octet-stream' };
  const profile = await openProfile(teardown);
  await open(profile, `${proxy.url}/worker.html`);
  assert.deepEqual(await multiply(await open(profile, `${proxy.url}/`)), PRODUCT);
});

for (const script of [
  'worker-thread.js',
  'host.js',
  'memory.js',
  'requests.js',
  'worker-module.js',
]) {
  test(`a worker without ${script} says so`, async () => {
    const coordinator = await startCoordinator(teardown);
    const proxy = await startProxy(coordinator.url, teardown);
    proxy.answer = (_, path) => (path === `/${script}` ? htmlPage(404) : undefined);
    const worker = await open(await openProfile(teardown), `${proxy.url}/worker.html`);
    await read(worker, '#message', `${script} could not be loaded: the answer is text/html`);
  });
}

test('a page whose own script does not come tells it without', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  proxy.answer = (_, path) => (/-page\.js$/.test(path) ? htmlPage(404) : undefined);
  const profile = await openProfile(teardown);
  for (const name of ['', 'worker.html']) {
    const page = await open(profile, `${proxy.url}/${name}`);
    assert.equal(await page.locator('.late').isVisible(), false);
    await page.waitForSelector('.late:has-text("scripts were not loaded")', { state: 'visible' });
  }
});

test('a page whose address lacks its last slash says so', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const page = await open(await openProfile(teardown), proxy.url);
  await page.waitForSelector('.late:has-text("has to end with a “/”")', { state: 'visible' });
});

test('an error of a worker that runs is told', async () => {
  const coordinator = await startCoordinator(teardown);
  const proxy = await startProxy(coordinator.url, teardown);
  const body = `export default async () => {
    setTimeout(() => { throw new Error('boom'); });
    await new Promise(() => undefined);
  };`;
  proxy.answer = (_, path) => (/enxame-worker.*\.js$/.test(path) ? { ...SCRIPT, body } : undefined);
  const worker = await open(await openProfile(teardown), `${proxy.url}/worker.html`);
  await read(worker, '#last-error', 'boom');
  await read(worker, '#message', 'The worker has stopped. Reload the page');
});

test('what a worker holds that stops goes to another at once, though its tab stays', async () => {
  const coordinator = await startCoordinator(teardown, 0, ['--lease', '30m']);
  const profile = await openProfile(teardown);
  for (const dispatch of ['long-poll', 'push']) {
    const query = `?dispatch=${dispatch}&workerId=${dispatch}`;
    const holder = await open(profile, `${coordinator.url}/worker.html${query}&serviceTime=20000`);
    await holder.waitForSelector('#worker-id:not(:empty)');
    const { taskId } = await post(`${coordinator.url}/task`);
    await holder.waitForSelector('body[data-state=computing]');
    const thread = holder.workers().find((each) => each.url().includes('worker-thread.js'));
    await thread?.evaluate(() => {
      setTimeout(() => {
        throw new Error('boom');
      });
    });
    await read(holder, '#last-error', 'boom');
    const another = await open(profile, `${coordinator.url}/worker.html?workerId=another`);
    const answer = await fetch(`${coordinator.url}/result/${taskId}?wait=10000`);
    assert.equal(((await answer.json()) as { status: string }).status, 'completed');
    await another.close();
  }
});

test('how exact the clock is, and why, is shown', async () => {
  // A proxy under a name of its own, which has its pages let in.
  const coordinator = await startCoordinator(teardown, 0, ['--allow-origin', '*']);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown, '--host-resolver-rules=MAP enxame.test 127.0.0.1');
  const isolated = await open(profile, `${proxy.url}/worker.html`);
  await read(isolated, '#clock', 'ticks at 5 µs');
  const remote = await open(profile, `http://enxame.test:${proxy.port}/enxame/worker.html`);
  await read(remote, '#clock', '100 µs only, so short phases are coarse: this page came over http');
  proxy.headers = { 'cross-origin-opener-policy': undefined };
  const fresh = await openProfile(teardown);
  const stripped = await open(fresh, `${proxy.url}/worker.html`);
  await read(stripped, '#clock', 'A proxy in between removes them');
});
