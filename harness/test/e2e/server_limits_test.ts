/** A real coordinator, and a real front, take the tasks of a cell for which they were started. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { type Cell, cellsOf } from '../../src/experiment/cells.js';
import { makePaths } from '../../src/experiment/paths.js';
import { Coordinator } from '../../src/launch/coordinator.js';
import { sizeFlags } from '../../src/launch/coordinator_limits.js';
import { frontLimitFlags } from '../../src/launch/front_limits.js';
import { Programs } from '../../src/launch/parts/processes.js';
import { EXPERIMENT } from '../examples.js';

const paths = makePaths(ROOT, {
  ...(process.env['ENXAME_BUILD'] && { build: process.env['ENXAME_BUILD'] }),
});
const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));
const [CELL] = cellsOf(EXPERIMENT) as [Cell];

/** A task whose product is n × n, of operands n × 1 and 1 × n. */
function taskOf(n: number): string {
  const ones = Array<number>(n).fill(1);
  return JSON.stringify({
    A: JSON.stringify(ones.map((one) => [one])),
    B: JSON.stringify([ones]),
  });
}

/** How a coordinator with these flags answers such a task. */
async function submit(n: number, sizes: readonly string[]): Promise<number> {
  const options = { site: folder, room: 64, connections: 'kept', sizes } as const;
  const program = Coordinator.start(
    new Programs(),
    paths.coordinator,
    options,
    join(folder, 'log'),
  );
  try {
    const { url } = await Coordinator.ready(program, new AbortController().signal);
    const response = await fetch(`${url}/task`, { method: 'POST', body: taskOf(n) });
    return response.status;
  } finally {
    await program.stop();
  }
}

/** How a front with these flags answers such a task: 502 where it would have gone to a worker, of which there is none. */
async function multiply(n: number, flags: readonly string[]): Promise<number> {
  const workers = ['--mode', 'distributed', '--workers', '127.0.0.1:1'];
  const args = ['--port', '0', ...workers, ...flags];
  const program = new Programs().start('front', paths.server, args, join(folder, 'log'));
  try {
    const address = await program.listening(new AbortController().signal);
    const url = `http://${address}/matmul`;
    return (await fetch(url, { method: 'POST', body: taskOf(n) })).status;
  } finally {
    await program.stop();
  }
}

for (const n of [4096, 8192]) {
  const cell: Cell = { ...CELL, n, workers: 1, inFlight: 1, ratePerS: null };

  test(`a coordinator for a cell with n = ${n} takes its tasks`, async () => {
    assert.equal(await submit(n, sizeFlags(cell)), 200);
  });

  test(`a front for a cell with n = ${n} takes its tasks, which one without its flags does not`, async () => {
    assert.equal(await multiply(n, frontLimitFlags(cell)), 502);
    assert.equal(await multiply(n, []), 413);
  });
}
