import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cellsOf } from '../../src/experiment/cells.js';
import { stateOf } from '../../src/launch/parts/proc.js';
import type { ProcessPart } from '../../src/launch/parts/process_part.js';
import { type Program, Programs } from '../../src/launch/parts/processes.js';
import { Watch } from '../../src/measure/watch.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';
import { launchFakes } from '../launches.js';

const [CELL] = cellsOf(EXPERIMENT) as [ReturnType<typeof cellsOf>[0]];
const RPC_TCP = SYSTEMS.find(({ name }) => name === 'rpc-tcp') as (typeof SYSTEMS)[0];

/** What is watched as the load generator. */
function idle(t: TestContext): Program {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  const program = new Programs().start('idle', 'sleep', ['60'], join(folder, 'log'));
  t.after(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });
  return program;
}

async function untilStopped(pid: number): Promise<void> {
  const end = performance.now() + 5_000;
  while (stateOf(pid) !== 'T' && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a worker that is paused is no loss, and one that somebody else stops is', async (t) => {
  const { launched, losses, part } = await launchFakes(t, RPC_TCP);
  const watch = new Watch(launched, idle(t), CELL, losses);
  const [first, second] = [1, 2].map((i) => part(`matmul-worker-${i}`) as ProcessPart);
  await first?.pause();
  await untilStopped(first?.pid ?? Number.NaN);
  await watch.look();
  await losses.throwIfAny();

  process.kill(second?.pid ?? Number.NaN, 'SIGSTOP');
  await untilStopped(second?.pid ?? Number.NaN);
  await watch.look();
  await assert.rejects(
    losses.throwIfAny(),
    /^Error: matmul-worker-2 of 2 \(pid \d+\) was stopped \(SIGSTOP\) before the system was ready$/,
  );
});

test('a worker that was restarted is looked at under its new process', async (t) => {
  const { launched, losses, part } = await launchFakes(t, RPC_TCP);
  const watch = new Watch(launched, idle(t), CELL, losses);
  const worker = part('matmul-worker-1') as ProcessPart;
  await watch.look();
  await worker.restart();
  process.kill(worker.pid ?? Number.NaN, 'SIGSTOP');
  await untilStopped(worker.pid ?? Number.NaN);
  await watch.look();
  await assert.rejects(losses.throwIfAny(), /^Error: matmul-worker-1 of 2 \(pid \d+\) was stopped/);
});
