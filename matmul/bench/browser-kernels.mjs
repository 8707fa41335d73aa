#!/usr/bin/env node
// The kernels in a Web Worker of Chromium beside the native ones, in alternating rounds of one run.
//
// Rates are by the wall clock on both sides: a worker's CPU time cannot be read. Each ratio is taken within a round, so that
// a slow minute of the machine weighs on both of its terms.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

const usage = `node matmul/bench/browser-kernels.mjs [options]
  --native PROGRAM   kernels_bench of a native build (default build/release/bin/kernels_bench)
  --wasm FOLDER      where browser_kernels.mjs of a Wasm build is (default build/wasm/bench)
  --n ORDERS         orders of the matrices (default 64,256,512)
  --dtypes DTYPES    (default f64,f32)
  --kernels NAMES    what to measure in the browser, of naive, blocked and simd (default blocked,simd)
  --tiles            measure every candidate tile of the kernel simd, too
  --rounds COUNT     (default 7)`;

const options = {
  native: { type: 'string', default: join(root, 'build/release/bin/kernels_bench') },
  wasm: { type: 'string', default: join(root, 'build/wasm/bench') },
  n: { type: 'string', default: '64,256,512' },
  dtypes: { type: 'string', default: 'f64,f32' },
  kernels: { type: 'string', default: 'blocked,simd' },
  tiles: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '7' },
  help: { type: 'boolean', default: false },
};

const REFERENCE = 'native blas';
const ROOF = 'roof';

const median = (values) => values.toSorted((x, y) => x - y)[values.length >> 1];

/** The first program of that name on PATH. */
function findProgram(name) {
  const paths = process.env.PATH.split(delimiter).map((folder) => join(folder, name));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not on PATH`);
  return found;
}

/** GFLOP/s by the wall clock of `blas` and `simd`, measured by the native benchmark program. */
async function measureNative(program, dtype, n, folder) {
  const out = join(folder, 'native.json');
  await promisify(execFile)(program, [
    `--benchmark_filter=^kernel/(blas|simd)/${dtype}/${n}$`,
    '--benchmark_repetitions=1', '--benchmark_min_time=0.2',
    `--benchmark_out=${out}`, '--benchmark_out_format=json',
  ]);
  const { benchmarks } = JSON.parse(await readFile(out, 'utf8'));
  return new Map(benchmarks.filter((run) => run.run_type === 'iteration').map((run) =>
    [`native ${run.name.split('/')[1]}`, run['GFLOP/s'] * run.cpu_time / run.real_time]));
}

/** Serves the page, the worker and the module, isolated so that the browser's clock ticks every 5 µs. */
async function serve(wasmFolder) {
  const page = '<!doctype html><title>kernels</title>';
  const paths = new Map([
    ['/worker.mjs', join(here, 'browser-kernels-worker.mjs')],
    ['/browser_kernels.mjs', join(wasmFolder, 'browser_kernels.mjs')],
    ['/browser_kernels.wasm', join(wasmFolder, 'browser_kernels.wasm')],
  ]);
  const server = createServer(async ({ url }, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (url === '/') return response.setHeader('Content-Type', 'text/html').end(page);
    const path = paths.get(url);
    if (!path) return response.writeHead(404).end();
    response.setHeader('Content-Type', url.endsWith('.wasm') ? 'application/wasm' : 'text/javascript');
    response.end(await readFile(path));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** A page whose worker measures: returns the names of its subjects and measure(subject, dtype, n, seconds) → GFLOP/s. */
async function openWorker(browser, port) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const subjects = await page.evaluate(() => new Promise((done, fail) => {
    globalThis.worker = new Worker('/worker.mjs', { type: 'module' });
    worker.onmessage = ({ data }) => done(data.subjects);
    worker.onerror = ({ message }) => fail(new Error(`worker: ${message}`));
  }));
  const measure = (subject, dtype, n, seconds) => page.evaluate((task) => new Promise((done, fail) => {
    worker.onmessage = ({ data }) => done(data.rate);
    worker.onerror = ({ message }) => fail(new Error(`worker: ${message}`));
    worker.postMessage(task);
  }), { subject, dtype, n, seconds });
  return { subjects, measure };
}

/** Runs until three measurements in a row are no faster than the best before them: the optimising compiler is done. */
async function warmUp(measure, subject, dtype, n) {
  let best = 0;
  for (let stale = 0, tries = 0; stale < 3 && tries < 30; tries++) {
    const rate = await measure(subject, dtype, n, 0.1);
    stale = rate > best * 1.02 ? 0 : stale + 1;
    best = Math.max(best, rate);
  }
}

/** One table: for each subject its median rate, ratio to native OpenBLAS with its range, and share of the browser's roof. */
function printTable(dtype, n, rounds) {
  console.log(`\n${dtype}, n = ${n}: median of ${rounds.length} rounds [lowest – highest]`);
  console.log(`  ${''.padEnd(20)}${'GFLOP/s'.padStart(9)}${'/ native blas'.padStart(26)}${'/ browser roof'.padStart(26)}`);
  const ratio = (subject, reference) => {
    const ratios = rounds.map((round) => round.get(subject) / round.get(reference));
    const range = `[${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}]`;
    return `${median(ratios).toFixed(2)} ${range}`.padStart(26);
  };
  for (const subject of rounds[0].keys()) {
    const rate = median(rounds.map((round) => round.get(subject))).toFixed(1).padStart(9);
    const ofRoof = subject.startsWith('native') ? '' : ratio(subject, `browser ${ROOF}`);
    console.log(`  ${subject.padEnd(20)}${rate}${ratio(subject, REFERENCE)}${ofRoof}`);
  }
}

async function compare(arguments_, measure, subjects, folder) {
  const rounds = Number(arguments_.rounds);
  const chosen = subjects.filter((subject) => subject === ROOF || arguments_.kernels.split(',').includes(subject)
    || (arguments_.tiles && subject.startsWith('tile ')));
  for (const dtype of arguments_.dtypes.split(',')) {
    for (const n of arguments_.n.split(',').map(Number)) {
      for (const subject of chosen) await warmUp(measure, subject, dtype, n);
      const measured = [];
      for (let round = 0; round < rounds; round++) {
        const rates = await measureNative(arguments_.native, dtype, n, folder);
        for (const subject of chosen) rates.set(`browser ${subject}`, await measure(subject, dtype, n, 0.2));
        measured.push(rates);
      }
      printTable(dtype, n, measured);
    }
  }
}

async function main() {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(usage);
  for (const built of [values.native, join(values.wasm, 'browser_kernels.wasm')]) {
    if (!existsSync(built)) throw new Error(`${built} is not there; build it, or say where it is (--help)`);
  }
  const { chromium } = createRequire(join(root, 'harness/package.json'))('playwright-core');
  const folder = await mkdtemp(join(tmpdir(), 'browser-kernels-'));
  const server = await serve(resolve(values.wasm));
  const browser = await chromium.launch({
    executablePath: findProgram('chromium-headless-shell'),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  try {
    const { subjects, measure } = await openWorker(browser, server.address().port);
    console.log(`Chromium ${browser.version()}`);
    await compare(values, measure, subjects, folder);
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(`browser-kernels: ${error.message}`);
  process.exitCode = 1;
});
