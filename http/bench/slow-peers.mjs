#!/usr/bin/env node
// What slow peers cost others: response times of a client that asks for one small thing after another, without and with hundreds of
// connections whose peers send a head, or a body, byte by byte, do not read their answer, or wait for a result that does not come.
// Rounds alternate, so that a slow minute of the machine weighs on both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const self = fileURLToPath(import.meta.url);

const usage = `node http/bench/slow-peers.mjs [options]
  --native FOLDER  the programs of a native build (default build/release/bin)
  --peers COUNT    slow connections at a time (default 500)
  --rounds COUNT   (default 3)
  --seconds S      how long each measurement takes (default 5)`;

const { values: given } = parseArgs({
  options: {
    native: { type: 'string', default: resolve(dirname(self), '../../build/release/bin') },
    peers: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    slow: { type: 'string' }, // of the process that plays the peers
    port: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** What a peer sends first, and then every EVERY_MS; it reads nothing. */
const KINDS = {
  'slow heads': ['GET /stats HTTP/1.1\r\n', 'A: b\r\n'],
  'slow bodies': ['POST /task HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n', 'x'.repeat(2048)],
  'long polls': ['GET /result/1?wait=60000 HTTP/1.1\r\n\r\n', ''],
  'slow readers': ['GET /large.txt HTTP/1.1\r\n\r\n', ''],
};
const EVERY_MS = 100;

/** Until then slow readers are quick ones, whose buffers fill. */
const SETTLE_MS = 3000;

/** The same task each time, so that the queue does not grow. */
const BODY = '{"A":"[[1]]","B":"[[1]]"}';
const SUBMISSION = `POST /task HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: a\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const LARGE_BYTES = 64 * 1024 * 1024;

/** Plays the peers until it is killed; each that is turned away comes again. */
function play([first, next], count, port) {
  let connected = 0;
  const open = () => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(first);
      if (++connected === count) console.log('ready');
    });
    socket.pause();
    const timer = setInterval(() => next && socket.write(next), EVERY_MS);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      setTimeout(open, EVERY_MS);
    });
  };
  for (let i = 0; i < count; i++) setTimeout(open, (i * EVERY_MS) / count);
}

/** The first line of a program that matches; then whatever it says is let go. */
async function lineOf(child, pattern) {
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line);
    if (found) return found;
  }
  throw new Error(`${child.spawnfile} ended`);
}

/** Milliseconds of each of the requests that one kept connection made one after another. */
async function measure(port, seconds) {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const taken = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const began = performance.now();
    socket.write(SUBMISSION);
    const [answer] = await once(socket, 'data');
    if (!answer.toString().startsWith('HTTP/1.1 200')) throw new Error(answer.toString());
    taken.push(performance.now() - began);
  }
  socket.destroy();
  return taken.sort((a, b) => a - b);
}

function residentMB(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

const quantile = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];

async function main() {
  const site = mkdtempSync(join(tmpdir(), 'slow-peers-'));
  writeFileSync(join(site, 'large.txt'), '');
  truncateSync(join(site, 'large.txt'), LARGE_BYTES);
  const places = String(Number(given.peers) + 100);
  const args = ['--site', site, '--first-id', '1', '--max-connections', places];
  const coordinator = spawn(join(given.native, 'coordinator'), args, {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const port = Number((await lineOf(coordinator, /^listening on .*:(\d+)$/))[1]);
    await measure(port, 0.1); // the task is there
    console.log('round  peers         requests  p50 ms  p99 ms  p99 over that without  RSS MB');
    for (let round = 1; round <= Number(given.rounds); round++) {
      let without;
      for (const slow of [undefined, ...Object.keys(KINDS)]) {
        const args = ['--slow', slow ?? '', '--port', String(port), '--peers', given.peers];
        const peers =
          slow && spawn(process.execPath, [self, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
        if (peers) await lineOf(peers, /^ready$/);
        await sleep(SETTLE_MS);
        const taken = await measure(port, Number(given.seconds));
        const resident = residentMB(coordinator.pid);
        peers?.kill();
        const p99 = quantile(taken, 0.99);
        without ??= p99;
        console.log(
          `${String(round).padEnd(5)}  ${(slow ?? 'none').padEnd(12)}  ${String(taken.length).padStart(8)}` +
            `  ${quantile(taken, 0.5).toFixed(3)}   ${p99.toFixed(3)}   ${(p99 / without).toFixed(2).padEnd(21)}  ${resident.toFixed(0)}`,
        );
      }
    }
  } finally {
    coordinator.kill();
    rmSync(site, { recursive: true });
  }
}

if (given.help) console.log(usage);
else if (given.slow) play(KINDS[given.slow], Number(given.peers), Number(given.port));
else await main();
