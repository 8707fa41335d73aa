/** What people see of the pages behind a proxy, in many tabs, and when the coordinator is away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Teardown } from '../../src/base/teardown.js';
import { type Answer, htmlPage } from '../fakes/prefix_proxy.js';
import {
  multiply,
  open,
  openProfile,
  PRODUCT,
  read,
  startCoordinator,
  startProxy,
} from './pages.js';

const teardown = new Teardown();
afterEach(async () => assert.deepEqual(await teardown.run(), []));

/** A file that only this user may read. */
function tokenFile(token: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  teardown.add('a token', async () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tokens');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

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
