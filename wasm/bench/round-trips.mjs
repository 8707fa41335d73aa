#!/usr/bin/env node
// The round trip of a task through one browser worker, over the bare echo of the same bytes and transport, in alternating rounds of
// one run.
//
// A task crosses two legs: the native client's (A and B there, C back) and the browser's (A and B there, C back). Each has its
// echo: as many bytes each way, no work, no coordinator, one exchange. Ratios are taken within a round, so that a slow minute of the
// machine weighs on both of their terms.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

const usage = `node wasm/bench/round-trips.mjs [options]
  --native FOLDER    the programs of a native build (default build/release/bin)
  --site FOLDER      the browser side of a Wasm build (default build/wasm/site)
  --systems NAMES    of rest-wasm, rest-wasm-binary and ws-wasm (default all)
  --n ORDERS         orders of the matrices (default 8,64,256,512)
  --rounds COUNT     (default 7), after one that is not counted
  --milliseconds MS  how long each measurement of a round takes (default 400)`;

const options = {
  native: { type: 'string', default: join(root, 'build/release/bin') },
  site: { type: 'string', default: join(root, 'build/wasm/site') },
  systems: { type: 'string', default: 'rest-wasm,rest-wasm-binary,ws-wasm' },
  n: { type: 'string', default: '8,64,256,512' },
  rounds: { type: 'string', default: '7' },
  milliseconds: { type: 'string', default: '400' },
  help: { type: 'boolean', default: false },
};

const SYSTEMS = {
  'rest-wasm': { transport: 'rest', codec: 'json', dispatch: 'long-poll' },
  'rest-wasm-binary': { transport: 'rest', codec: 'binary', dispatch: 'long-poll' },
  'ws-wasm': { transport: 'ws', codec: 'binary', dispatch: 'push' },
};

const median = (values) => values.toSorted((x, y) => x - y)[values.length >> 1];

/** The first program of that name on PATH. */
function findProgram(name) {
  const paths = process.env.PATH.split(delimiter).map((folder) => join(folder, name));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not on PATH`);
  return found;
}

/** Starts a program that says where it listens; returns its URL and how to stop it. */
async function start(program, args) {
  const child = spawn(program, ['--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((found, fail) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const line = /listening on (\S+)\n/.exec(said);
      if (line) found(line[1]);
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${program} ended with ${code}`)));
  });
  return { url: `http://${address}`, stop: () => child.kill() };
}

/** Hands jobs to the page of the echo, one at a time: run(job) returns the milliseconds of each echo. */
async function serveJobs() {
  let job; // waits for the page
  let page; // waits for a job: an answer that is held back
  let done;
  const handOut = () => {
    if (job === undefined || page === undefined) return;
    page.end(JSON.stringify(job));
    job = page = undefined;
  };
  const server = createServer(async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (request.url === '/job') {
      page = response;
      return handOut();
    }
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.end();
    const outcome = JSON.parse(Buffer.concat(pieces).toString());
    if (outcome.error) done.reject(new Error(`the echo's page: ${outcome.error}`));
    else done.resolve(outcome);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
    run: (given) => new Promise((resolve, reject) => {
      done = { resolve, reject };
      job = given;
      handOut();
    }),
  };
}

/** Opens a page in a context of its own and returns when nothing is attached to it any more: see harness/src/launch/browser.ts. */
async function openUnattached(session, url) {
  const detached = new Set();
  let onDetached = () => {};
  session.on('Target.targetInfoChanged', ({ targetInfo }) => {
    if (!targetInfo.attached) detached.add(targetInfo.targetId);
    onDetached();
  });
  await session.send('Target.setDiscoverTargets', { discover: true });
  const { browserContextId } = await session.send('Target.createBrowserContext', {});
  const { targetId } = await session.send('Target.createTarget', { url, browserContextId });
  await new Promise((done) => {
    onDetached = () => detached.has(targetId) && done();
    onDetached();
  });
  await session.send('Target.setDiscoverTargets', { discover: false });
}

async function waitForWorker(coordinator) {
  const answer = await fetch(`${coordinator}/workers?count=1&wait=30000`);
  const { workers } = await answer.json();
  if (workers.length === 0) throw new Error(`no worker has asked ${coordinator} for a task`);
}

/** One round of one system and size: a native client's tasks and echoes in turn, then the browser's echoes. */
async function measure(clientProgram, jobs, echoUrl, system, n, milliseconds) {
  const { transport, codec } = SYSTEMS[system.name];
  const { stdout } = await promisify(execFile)(clientProgram, [
    '--coordinator', system.url, '--echo', echoUrl, '--transport', transport, '--codec', codec,
    '--n', String(n), '--duration', `${milliseconds}ms`,
  ]);
  const client = JSON.parse(stdout);
  const echoes = await jobs.run({
    transport, milliseconds, sent: client.product_bytes, answered: client.task_bytes,
  });
  return { ...client, browser_echo_ms: median(echoes) };
}

const COLUMNS = [
  ['task', ({ task_ms }) => task_ms],
  ['compute', ({ compute_ms }) => compute_ms],
  ['native echo', ({ echo_ms }) => echo_ms],
  ['browser echo', ({ browser_echo_ms }) => browser_echo_ms],
];
const RATIOS = [
  ['task / echoes', (round) => round.task_ms / (round.echo_ms + round.browser_echo_ms)],
  ['without compute', (round) => round.overhead_ms / (round.echo_ms + round.browser_echo_ms)],
];

function printHead() {
  const names = [...COLUMNS.map(([name]) => name.padStart(13)), ...RATIOS.map(([name]) => name.padStart(23))];
  console.log(`${'system'.padEnd(18)}${'n'.padStart(5)}${names.join('')}   (medians, ms; ratios with their range over rounds)`);
}

function printRow(name, n, rounds) {
  const columns = COLUMNS.map(([, of]) => median(rounds.map(of)).toFixed(3).padStart(13));
  const ratios = RATIOS.map(([, of]) => {
    const values = rounds.map(of);
    return `${median(values).toFixed(2)} [${Math.min(...values).toFixed(2)} – ${Math.max(...values).toFixed(2)}]`.padStart(23);
  });
  console.log(`${name.padEnd(18)}${String(n).padStart(5)}${columns.join('')}${ratios.join('')}`);
}

/** Rounds over all systems and sizes; every other one goes backwards, so that none always follows the same. */
async function compare(values, clientProgram, jobs, echoUrl, systems) {
  const cells = values.n.split(',').map(Number).flatMap((n) => systems.map((system) => ({ system, n, rounds: [] })));
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const cell of round % 2 ? cells : cells.toReversed()) {
      const measured = await measure(clientProgram, jobs, echoUrl, cell.system, cell.n, Number(values.milliseconds));
      if (round > 0) cell.rounds.push(measured);
    }
  }
  printHead();
  for (const { system, n, rounds } of cells) printRow(system.name, n, rounds);
}

async function main() {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(usage);
  const names = values.systems.split(',');
  const unknown = names.find((name) => !(name in SYSTEMS));
  if (unknown !== undefined) throw new Error(`no system is called "${unknown}", expected ${Object.keys(SYSTEMS).join(', ')}`);
  const program = (name) => join(values.native, name);
  for (const built of [program('echo-server'), program('coordinator'), program('round-trips'), join(values.site, 'worker.html')]) {
    if (!existsSync(built)) throw new Error(`${built} is not there; build it, or say where it is (--help)`);
  }
  const { chromium } = createRequire(join(root, 'harness/package.json'))('playwright-core');
  const stops = [];
  try {
    const jobs = await serveJobs();
    stops.push(() => jobs.close());
    const browser = await chromium.launch({
      executablePath: findProgram('chromium-headless-shell'),
      args: ['--disable-gpu', '--disable-quic'],
    });
    stops.push(() => browser.close());
    const session = await browser.newBrowserCDPSession();
    const echo = await start(program('echo-server'), ['--site', join(here, 'echo-page')]);
    stops.push(echo.stop);
    await openUnattached(session, `${echo.url}/?control=${encodeURIComponent(jobs.url)}`);
    const systems = [];
    for (const name of names) {
      const coordinator = await start(program('coordinator'), ['--site', values.site]);
      stops.push(coordinator.stop);
      const { dispatch, codec } = SYSTEMS[name];
      await openUnattached(session, `${coordinator.url}/worker.html?${new URLSearchParams({ workerId: name, dispatch, codec })}`);
      await waitForWorker(coordinator.url);
      systems.push({ name, url: coordinator.url });
    }
    console.log(`Chromium ${browser.version()}, one worker tab of each system, none attached to`);
    await compare(values, program('round-trips'), jobs, echo.url, systems);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

main().catch((error) => {
  console.error(`round-trips: ${error.message}`);
  process.exitCode = 1;
});
