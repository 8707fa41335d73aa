#!/usr/bin/env node
// The kernels in a Web Worker of Chromium beside the native ones, in alternating rounds of one run; with --peers beside other
// libraries in the same tab, with --codecs the text codec.
//
// Rates are by the wall clock on both sides: a worker's CPU time cannot be read. Each ratio is taken within a round, so that
// a slow minute of the machine weighs on both of its terms.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { BROWSER_FLAGS, openTab } from './browser-tab.mjs';
import { peerFiles, PEERS_WORKER } from './peers/files.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

const usage = `node matmul/bench/browser-kernels.mjs [options]
  --native PROGRAM   kernels_bench of a native build (default build/release/bin/kernels_bench)
  --wasm FOLDER      where browser_kernels.mjs of a Wasm build is (default build/wasm/bench)
  --n ORDERS         orders of the matrices (default 64,256,512,1024)
  --dtypes DTYPES    (default f64,f32)
  --kernels NAMES    what to measure in the browser (default simd,relaxed; with revectorize relaxed-wide, too)
  --tiles            measure every candidate tile, too
  --peers            measure TensorFlow.js's Wasm backend and onnxruntime-web, too, in f32 at n = 256, 512, 1024
  --codecs           measure the text codec, too
  --browser-flags F  ${[...BROWSER_FLAGS.keys()].join(', ')}: what no browser has by default (default none)
  --rounds COUNT     (default 7)`;

const options = {
  native: { type: 'string', default: join(root, 'build/release/bin/kernels_bench') },
  wasm: { type: 'string', default: join(root, 'build/wasm/bench') },
  n: { type: 'string', default: '64,256,512,1024' },
  dtypes: { type: 'string', default: 'f64,f32' },
  kernels: { type: 'string' },
  tiles: { type: 'boolean', default: false },
  peers: { type: 'boolean', default: false },
  codecs: { type: 'boolean', default: false },
  'browser-flags': { type: 'string', default: 'none' },
  rounds: { type: 'string', default: '7' },
  help: { type: 'boolean', default: false },
};

const NATIVE_BLAS = 'native blas';
const NATIVE_ROOF = 'native roof';
const SECONDS = 0.2;

const median = (values) => values.toSorted((x, y) => x - y)[values.length >> 1];

/** GFLOP/s by the wall clock of `blas`, `simd` and the highest roof, measured by the native benchmark program. */
async function measureNative(program, dtype, n, folder) {
  const out = join(folder, 'native.json');
  await promisify(execFile)(program, [
    `--benchmark_filter=^kernel/(blas|simd)/${dtype}/${n}$|^roof/(256|512)-bit fma/${dtype}/`,
    '--benchmark_repetitions=1', `--benchmark_min_time=${SECONDS}`,
    `--benchmark_out=${out}`, '--benchmark_out_format=json',
  ]);
  const { benchmarks } = JSON.parse(await readFile(out, 'utf8'));
  const rates = new Map([[NATIVE_ROOF, 0]]);
  for (const run of benchmarks.filter((one) => one.run_type === 'iteration')) {
    const [group, subject] = run.name.split('/');
    const rate = run['GFLOP/s'] * run.cpu_time / run.real_time;
    if (group === 'kernel') rates.set(`native ${subject}`, rate);
    else rates.set(NATIVE_ROOF, Math.max(rates.get(NATIVE_ROOF), rate));
  }
  return rates;
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

/** "0.91 [0.88 – 0.93]": the median over the rounds of a subject's rate over another's. */
function ratio(rounds, subject, reference) {
  const ratios = rounds.map((round) => round.get(subject) / round.get(reference));
  return `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}]`;
}

function printRow(name, ...cells) {
  console.log(`  ${name.padEnd(26)}${cells.map((cell, i) => cell.padStart(i === 0 ? 9 : 24)).join('')}`);
}

/** One table: for each subject its median rate, ratio to native OpenBLAS with its range, and share of its roof. */
function printTable(title, rounds, roofs) {
  console.log(`\n${title}: median of ${rounds.length} rounds [lowest – highest]`);
  printRow('', 'GFLOP/s', '/ native blas', '/ its roof', '');
  for (const subject of rounds[0].keys()) {
    const rate = median(rounds.map((round) => round.get(subject))).toFixed(1);
    const roof = roofs.get(subject);
    printRow(subject, rate, ratio(rounds, subject, NATIVE_BLAS), roof ? ratio(rounds, subject, roof) : '', roof ?? '');
  }
}

/** What is measured in the browser, and the roof of each. Where the engine fuses vectors, so it does those of the roof. */
function chooseSubjects({ kernels, tiles, flags }, all) {
  const chosen = all.filter(({ name }) => kernels.includes(name) || (tiles && name.startsWith('tile ')));
  const fused = flags === 'revectorize' ? ' fused' : '';
  const roofOf = new Map(chosen.map(({ name, roof }) => [name, roof + fused]));
  return { subjects: [...new Set(roofOf.values()), ...roofOf.keys()], roofOf };
}

async function compareKernels(choice, worker, folder) {
  const { subjects, roofOf } = chooseSubjects(choice, worker.subjects);
  const roofs = new Map([['native simd', NATIVE_ROOF], [NATIVE_BLAS, NATIVE_ROOF],
    ...[...roofOf].map(([name, roof]) => [`browser ${name}`, `browser ${roof}`])]);
  for (const dtype of choice.dtypes) {
    for (const n of choice.orders) {
      for (const subject of subjects) await warmUp(worker.measure, subject, dtype, n);
      const rounds = [];
      for (let round = 0; round < choice.rounds; round++) {
        const rates = await measureNative(choice.native, dtype, n, folder);
        for (const subject of subjects) rates.set(`browser ${subject}`, await worker.measure(subject, dtype, n, SECONDS));
        rounds.push(rates);
      }
      printTable(`${dtype}, n = ${n}${choice.label}`, rounds, roofs);
    }
  }
}

/** Our best kernel over each peer, at the peers' own game: f32, one thread, the same tab. */
async function comparePeers(choice, worker, peers) {
  const ours = choice.flags === 'revectorize' ? 'relaxed-wide' : 'relaxed';
  for (const n of [256, 512, 1024]) {
    await warmUp(worker.measure, ours, 'f32', n);
    for (const { name } of peers.subjects) await warmUp(peers.measure, name, 'f32', n);
    const rounds = [];
    for (let round = 0; round < choice.rounds; round++) {
      const rates = new Map([[ours, await worker.measure(ours, 'f32', n, SECONDS)]]);
      for (const { name } of peers.subjects) rates.set(name, await peers.measure(name, 'f32', n, SECONDS));
      rounds.push(rates);
    }
    console.log(`\nf32, n = ${n}, peers in the same tab${choice.label}: median of ${rounds.length} rounds [lowest – highest]`);
    printRow('', 'GFLOP/s', `${ours} / it`);
    for (const subject of rounds[0].keys()) {
      printRow(subject, median(rounds.map((round) => round.get(subject))).toFixed(1), ratio(rounds, ours, subject));
    }
  }
}

async function measureCodecs(choice, worker) {
  const n = 512;
  console.log(`\ntext codec, f64, n = ${n}${choice.label}: median of ${choice.rounds} rounds [lowest – highest]`);
  printRow('', 'MB/s');
  for (const { name } of worker.subjects.filter((subject) => subject.name.startsWith('text '))) {
    await warmUp(worker.measure, name, 'f64', n);
    const rates = [];
    for (let round = 0; round < choice.rounds; round++) rates.push(1000 * await worker.measure(name, 'f64', n, SECONDS));
    printRow(name, median(rates).toFixed(0), `[${Math.min(...rates).toFixed(0)} – ${Math.max(...rates).toFixed(0)}]`);
  }
}

function readChoice(values) {
  const flags = values['browser-flags'];
  if (!BROWSER_FLAGS.has(flags)) throw new Error(`--browser-flags ${flags}: expected ${[...BROWSER_FLAGS.keys()].join(', ')}`);
  return {
    native: values.native,
    orders: values.n.split(',').map(Number),
    dtypes: values.dtypes.split(','),
    kernels: (values.kernels ?? (flags === 'revectorize' ? 'simd,relaxed,relaxed-wide' : 'simd,relaxed')).split(','),
    tiles: values.tiles,
    rounds: Number(values.rounds),
    flags,
    label: flags === 'none' ? '' : `, NOT the browser's default (${BROWSER_FLAGS.get(flags).join(' ')})`,
  };
}

async function main() {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(usage);
  const choice = readChoice(values);
  for (const built of [values.native, join(values.wasm, 'browser_kernels.wasm')]) {
    if (!existsSync(built)) throw new Error(`${built} is not there; build it, or say where it is (--help)`);
  }
  const files = new Map([
    ['/worker.mjs', join(here, 'browser-kernels-worker.mjs')],
    ['/browser_kernels.mjs', join(resolve(values.wasm), 'browser_kernels.mjs')],
    ['/browser_kernels.wasm', join(resolve(values.wasm), 'browser_kernels.wasm')],
    ...(values.peers ? peerFiles() : []),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'browser-kernels-'));
  const tab = await openTab(root, files, choice.flags);
  try {
    console.log(`Chromium ${tab.version}${choice.label}`);
    const worker = await tab.startWorker('/worker.mjs', 'module');
    await compareKernels(choice, worker, folder);
    if (values.peers) await comparePeers(choice, worker, await tab.startWorker(PEERS_WORKER, 'classic'));
    if (values.codecs) await measureCodecs(choice, worker);
  } finally {
    await tab.close();
    await rm(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(`browser-kernels: ${error.message}`);
  process.exitCode = 1;
});
