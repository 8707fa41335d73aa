/** A real coordinator takes the tasks of a cell for which it was started. */
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
import { Programs } from '../../src/launch/parts/processes.js';
import { EXPERIMENT } from '../examples.js';

const paths = makePaths(ROOT, {
  ...(process.env['ENXAME_BUILD'] && { build: process.env['ENXAME_BUILD'] }),
});
const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));
const [CELL] = cellsOf(EXPERIMENT) as [Cell];

/** How a coordinator with these flags answers a task whose product is n × n, of operands n × 1 and 1 × n. */
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
    const ones = Array<number>(n).fill(1);
    const A = JSON.stringify(ones.map((one) => [one]));
    const B = JSON.stringify([ones]);
    const response = await fetch(`${url}/task`, { method: 'POST', body: JSON.stringify({ A, B }) });
    return response.status;
  } finally {
    await program.stop();
  }
}

for (const n of [4096, 8192]) {
  test(`a coordinator for a cell with n = ${n} takes its tasks`, async () => {
    const cell: Cell = { ...CELL, n, workers: 1, inFlight: 1, ratePerS: null };
    assert.equal(await submit(n, sizeFlags(cell)), 200);
  });
}
