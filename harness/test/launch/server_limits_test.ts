import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, cellsOf } from '../../src/experiment/cells.js';
import { connectionsFor, sizeFlags } from '../../src/launch/coordinator_limits.js';
import { frontLimitFlags } from '../../src/launch/front_limits.js';
import { EXPERIMENT } from '../examples.js';

const [CELL] = cellsOf(EXPERIMENT) as [Cell];

function flags(change: Partial<Cell>, codec: 'json' | 'binary' = 'binary') {
  const system = { ...CELL.system, codec };
  const cell: Cell = { ...CELL, system, workers: 1, inFlight: 1, ratePerS: null, ...change };
  const words = sizeFlags(cell);
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 ? [] : [[word, words[i + 1]]])));
}

test('small matrices are left to what a coordinator takes by itself', () => {
  assert.deepEqual(flags({ n: 1024 }), {});
  assert.deepEqual(flags({ n: 1024 }, 'json'), {});
  assert.deepEqual(flags({ n: 64, workers: 256, inFlight: 256 }), {});
});

test('the product of the largest matrices fits into a body as text, whatever the codec', () => {
  for (const codec of ['binary', 'json'] as const) {
    for (const n of [3276, 3277, 4096, 8192]) {
      const product = 25 * n * n + 3 * n + 128;
      const body = Number(flags({ n }, codec)['--max-body'] ?? 256 * 2 ** 20);
      assert.ok(body >= product, `n ${n}: ${body}`);
      const onTheirWay = Number(flags({ n }, codec)['--max-in-flight']);
      assert.ok(onTheirWay >= body, `a coordinator refuses to start: ${onTheirWay} < ${body}`);
    }
  }
});

test('as many tasks are stored as are in flight', () => {
  const perTask = 16 * 2048 ** 2 + 8 * 2048 ** 2;
  const stored = Number(flags({ n: 2048, inFlight: 32 })['--max-stored']);
  assert.ok(stored >= 32 * perTask, String(stored));
  // Not fewer than by itself.
  assert.equal(flags({ n: 2048 })['--max-stored'], undefined);
  assert.equal(Number(flags({ n: 2048, inFlight: 2 })['--max-stored']), 2 ** 30);
});

/** What matmul-server is started with, by its flags. */
function frontFlags(change: Partial<Cell>) {
  const words = frontLimitFlags({ ...CELL, workers: 1, inFlight: 1, ratePerS: null, ...change });
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 ? [] : [[word, words[i + 1]]])));
}

test('a front is told only how many connections there may be, where matrices are small', () => {
  assert.deepEqual(frontFlags({ n: 1024, inFlight: 2 }), { '--max-connections': '66' });
});

test('the texts of the largest matrices fit into a front', () => {
  for (const n of [2400, 4096, 8192]) {
    const flags = frontFlags({ n });
    const body = 2 * (25 * n * n + 3 * n) + 128;
    assert.ok(Number(flags['--max-body']) >= body, `n ${n}: ${flags['--max-body']}`);
    const onTheirWay = Number(flags['--max-in-flight']);
    assert.ok(onTheirWay >= Number(flags['--max-body']), `a front refuses to start: ${onTheirWay}`);
    assert.ok(Number(flags['--max-memory']) >= 3 * body + 24 * n * n, `n ${n}`);
  }
});

test('there is a connection for every request in flight and six for every page beside its keeper', () => {
  assert.equal(connectionsFor({ ...CELL, workers: 2, inFlight: 8 }), 2 * (6 + 1) + 8 + 64);
});
