/** What can be done to the parts of a system that was launched: the processes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { System } from '../../src/experiment/systems.js';
import { readyTimesOf } from '../../src/launch/parts/part.js';
import { cpuSecondsOf, stateOf } from '../../src/launch/parts/proc.js';
import type { ProcessPart } from '../../src/launch/parts/process_part.js';
import { SYSTEMS } from '../examples.js';
import { launchFakes, lossIn } from '../launches.js';

const RPC_TCP = SYSTEMS.find(({ name }) => name === 'rpc-tcp') as (typeof SYSTEMS)[0];
const REST_NATIVE: System = {
  ...RPC_TCP,
  name: 'rest-native',
  transport: 'rest',
  codec: 'json',
  dispatch: 'long-poll',
};

const RPC_HTTP: System = { ...RPC_TCP, name: 'rpc-http', topology: 'front' };

/** Whether something listens there. */
async function answers(address: string): Promise<boolean> {
  return fetch(`http://${address}/metrics`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** A signal takes its time. */
async function untilState(pid: number, wanted: RegExp): Promise<void> {
  const end = performance.now() + 5_000;
  while (!wanted.test(stateOf(pid) ?? '') && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.match(stateOf(pid) ?? '', wanted);
}

test('workers that are called are parts, and it is known when each was ready', async (t) => {
  const { launched } = await launchFakes(t, RPC_TCP);
  const names = launched.parts.map(({ name, role, workerId }) => [name, role, workerId]);
  assert.deepEqual(names, [
    ['matmul-worker-1', 'workers', 'w1'],
    ['matmul-worker-2', 'workers', 'w2'],
  ]);
  const times = await readyTimesOf(launched.parts);
  assert.deepEqual(Object.keys(times), ['w1', 'w2']);
  for (const ms of Object.values(times)) assert.ok(ms > 0 && ms < 30_000, `${ms} ms`);
});

test('of workers that ask, it is known when each first did', async (t) => {
  const { launched } = await launchFakes(t, REST_NATIVE);
  assert.deepEqual(
    launched.parts.map(({ name }) => name),
    ['coordinator', 'swarm-worker-1', 'swarm-worker-2'],
  );
  const times = await readyTimesOf(launched.parts);
  assert.deepEqual(Object.keys(times).sort(), ['w1', 'w2']);
  for (const ms of Object.values(times)) assert.ok(ms > 0 && ms < 30_000, `${ms} ms`);
});

test('a front is a part before its workers, and the load generator finds only the front', async (t) => {
  const { launched, part } = await launchFakes(t, RPC_HTTP);
  const names = launched.parts.map(({ name, role, workerId }) => [name, role, workerId]);
  assert.deepEqual(names, [
    ['matmul-server', 'front', null],
    ['matmul-worker-1', 'workers', 'w1'],
    ['matmul-worker-2', 'workers', 'w2'],
  ]);
  assert.deepEqual(Object.keys(await readyTimesOf(launched.parts)), ['w1', 'w2']);
  const watched = (await launched.processes()).map(({ what }) => what.replace(/ .*/, ''));
  assert.deepEqual(watched, ['matmul-server', 'matmul-worker-1', 'matmul-worker-2']);
  const [flag, url = ''] = launched.loadArguments;
  assert.equal(flag, '--server');
  await part('matmul-server').restart();
  assert.ok(await answers(new URL(url).host), `nothing on ${url}`);
});

test('a process is paused and goes on', async (t) => {
  const { part } = await launchFakes(t, RPC_TCP);
  const worker = part('matmul-worker-1') as ProcessPart;
  const pid = worker.pid ?? Number.NaN;
  await worker.pause();
  assert.ok(worker.isPaused);
  await untilState(pid, /T/);
  await worker.resume();
  assert.ok(!worker.isPaused);
  await untilState(pid, /[RSD]/);
});

test('a worker that is killed and restarted listens on the port that it had', async (t) => {
  const { launched, part, losses } = await launchFakes(t, RPC_TCP);
  const worker = part('matmul-worker-2') as ProcessPart;
  const address = launched.loadArguments[1]?.split(',')[1] ?? '';
  assert.ok(await answers(address));
  const { pid } = worker;
  const usedS = await worker.cpuSeconds();
  await worker.kill();
  assert.ok(!(await answers(address)));
  await worker.restart();
  assert.notEqual(worker.pid, pid);
  assert.ok(await answers(address), `nothing on ${address}`);
  const nowS = cpuSecondsOf(worker.pid ?? Number.NaN);
  assert.ok((await worker.cpuSeconds()) >= usedS + nowS, 'what it had used is forgotten');
  // That it ended was meant.
  await losses.throwIfAny(50);
});

test('a coordinator is restarted on the port that it had', async (t) => {
  const { launched, part, losses } = await launchFakes(t, REST_NATIVE);
  for (const worker of ['swarm-worker-1', 'swarm-worker-2']) await part(worker).stop();
  await part('coordinator').restart();
  const url = launched.loadArguments[1] ?? '';
  assert.ok(await answers(new URL(url).host), `nothing on ${url}`);
  await losses.throwIfAny(50);
});

test('a process that ends unasked is a loss, also after it was restarted', async (t) => {
  const { part, losses } = await launchFakes(t, RPC_TCP);
  const worker = part('matmul-worker-1') as ProcessPart;
  await worker.restart();
  process.kill(worker.pid ?? Number.NaN, 'SIGKILL');
  assert.match(
    await lossIn(losses),
    /^matmul-worker-1 of 2 \(pid \d+\) ended with SIGKILL before the system was ready$/,
  );
});
