import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEngine } from '../../src/engines/child.js';
import type { Built, Choices } from '../../src/systems/fields.js';

const SYSTEM: Choices = {
  engine: 'sandbox',
  transport: 'ws',
  codec: 'binary',
  kernel: 'simd',
  dispatch: 'push',
};

test('the worker is told a command for a shell, whatever is in its words', () => {
  const { workers } = childEngine({
    name: 'sandbox',
    lacks: {},
    command: ({ bin }, { flags }) => ['run it', `${bin}/worker`, ...flags],
    files: ({ bin }) => [`${bin}/worker`],
    artefacts: () => ({ programs: {}, wasm: [] }),
    startMs: 5,
    rates: {},
    describe: null,
  });
  assert.ok('program' in workers.relayed);
  const built = { bin: "/it's here" } as Built;
  const place = { coordinator: 'http://127.0.0.1:1', workerId: 'w1' };
  const setup = { system: SYSTEM, workers: 1, serviceMs: 20 };
  assert.deepEqual(workers.relayed.argumentsOf(setup, place, built), [
    ...['--coordinator', 'http://127.0.0.1:1', '--worker-id', 'w1'],
    ...['--dispatch', 'push', '--codec', 'binary'],
    ...['--engine', `'run it' '/it'\\''s here/worker' --kernel simd`],
    ...['--service-time', '20ms'],
  ]);
  assert.deepEqual(workers.relayed.starts?.(built), ["/it's here/worker"]);
});
