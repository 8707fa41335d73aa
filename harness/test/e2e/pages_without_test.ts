/** What people see of pages in browsers that lack something, whose scripts do not come, or whose worker stops. */
import assert from 'node:assert/strict';
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

/** Submits [[1]] · [[2]]. */
async function post(url: string): Promise<{ taskId: number }> {
  const response = await fetch(url, { method: 'POST', body: '{"A":"[[1]]","B":"[[2]]"}' });
  return (await response.json()) as { taskId: number };
}

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

/** Ends the worker of a page as an error in its own thread does. */
async function crash(page: Page): Promise<void> {
  const thread = page.workers().find((each) => each.url().includes('worker-thread.js'));
  await thread?.evaluate(() => {
    setTimeout(() => {
      throw new Error('boom');
    });
  });
  await read(page, '#last-error', 'boom');
}

test('what a worker holds that stops goes to another at once, though its tab stays', async () => {
  const coordinator = await startCoordinator(teardown, 0, ['--lease', '30m']);
  const proxy = await startProxy(coordinator.url, teardown);
  const profile = await openProfile(teardown);
  for (const keeperIsLate of [true, false]) {
    for (const dispatch of ['long-poll', 'push']) {
      if (keeperIsLate)
        proxy.answer = (_, path) => (path === '/keeper.js' ? htmlPage(404) : undefined);
      const query = `?dispatch=${dispatch}&workerId=${dispatch}`;
      const holder = await open(profile, `${proxy.url}/worker.html${query}&serviceTime=20000`);
      await holder.waitForSelector('#worker-id:not(:empty)');
      const { taskId } = await post(`${coordinator.url}/task`);
      await holder.waitForSelector('body[data-state=computing]');
      await crash(holder);
      proxy.answer = () => undefined;
      const another = await open(profile, `${proxy.url}/worker.html?workerId=another`);
      const answer = await fetch(`${coordinator.url}/result/${taskId}?wait=10000`);
      assert.equal(((await answer.json()) as { status: string }).status, 'completed');
      await another.close();
      await holder.close();
    }
  }
});
