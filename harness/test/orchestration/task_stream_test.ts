/** What a stream of tasks counts as right, wrong and lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { TaskStream } from '../../src/orchestration/task_stream.js';

function productOf(text: string): string {
  const { A, B } = JSON.parse(text) as { A: string; B: string };
  const [a, b] = [JSON.parse(A) as number[][], JSON.parse(B) as number[][]];
  return JSON.stringify(
    a.map((row) => b.map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0))),
  );
}

test('a product is checked, and what has none is lost', async (t) => {
  const answers = [
    (body: string) => ({ status: 'completed', result: productOf(body) }),
    () => ({ status: 'completed', result: '[[1]]' }),
    () => ({ status: 'pending' }),
    () => ({ status: 'failed', error: 'its worker died' }),
  ];
  let asked = 0;
  let enough: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const answer = answers[asked % answers.length];
      asked += 1;
      if (asked === 8) enough();
      response.end(JSON.stringify(answer?.(body)));
    });
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stream = new TaskStream(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1);
  await all;
  const tally = await stream.stop();
  assert.ok(tally.submitted >= 8);
  assert.equal(tally.submitted, tally.right + tally.wrong + tally.lost);
  assert.deepEqual([tally.right >= 2, tally.wrong >= 2, tally.lost >= 4], [true, true, true]);
  assert.equal(tally.because, 'status 200: pending');
  assert.equal(stream.times.length, tally.submitted);
});
