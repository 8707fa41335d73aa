// A tab of Chromium with Web Workers that measure: what browser-kernels.mjs drives.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** What `--browser-flags` can name, besides `none`. No browser has them by default. */
export const BROWSER_FLAGS = new Map([
  ['none', []],
  ['revectorize', ['--js-flags=--wasm-revectorize']],
  ['no-liftoff', ['--js-flags=--no-liftoff --no-wasm-lazy-compilation']],
]);

const TYPES = new Map([['.wasm', 'application/wasm'], ['.mjs', 'text/javascript'], ['.js', 'text/javascript']]);

/** The first program of that name on PATH. */
function findProgram(name) {
  const paths = process.env.PATH.split(delimiter).map((folder) => join(folder, name));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not on PATH`);
  return found;
}

/**
 * Serves an empty page and the files, a map from path in the URL to path on disk, isolated so that the browser's clock ticks
 * every 5 µs.
 */
async function serve(files) {
  const page = '<!doctype html><title>kernels</title>';
  const server = createServer(async ({ url }, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (url === '/') return response.setHeader('Content-Type', 'text/html').end(page);
    const path = files.get(url);
    if (!path) return response.writeHead(404).end();
    response.setHeader('Content-Type', TYPES.get(url.slice(url.lastIndexOf('.'))) ?? 'application/octet-stream');
    response.end(await readFile(path));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Opens a tab that can load `files`. `root` is the repository's, whose harness brings the driver. */
export async function openTab(root, files, browserFlags) {
  const { chromium } = createRequire(join(root, 'harness/package.json'))('playwright-core');
  const server = await serve(files);
  const browser = await chromium.launch({
    executablePath: findProgram('chromium-headless-shell'),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-gpu', '--disable-quic', '--no-first-run', ...BROWSER_FLAGS.get(browserFlags)],
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return {
    version: browser.version(),
    startWorker: (script, type) => startWorker(page, script, type),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/**
 * Starts a Web Worker, which says what it can measure: [{ name, roof }]. measure(subject, dtype, n, seconds) is what it
 * answers when it is told to.
 */
async function startWorker(page, script, type) {
  const subjects = await page.evaluate(({ script, type }) => new Promise((done, fail) => {
    globalThis.workers ??= {};
    const worker = new Worker(script, { type });
    workers[script] = worker;
    worker.onmessage = ({ data }) => done(data.subjects);
    worker.onerror = ({ message }) => fail(new Error(`${script}: ${message}`));
  }), { script, type });
  const measure = (subject, dtype, n, seconds) => page.evaluate(({ script, task }) => new Promise((done, fail) => {
    const worker = workers[script];
    worker.onmessage = ({ data }) => (data.error ? fail(new Error(data.error)) : done(data.rate));
    worker.onerror = ({ message }) => fail(new Error(`${script}: ${message}`));
    worker.postMessage(task);
  }), { script, task: { subject, dtype, n, seconds } });
  return { subjects, measure };
}
