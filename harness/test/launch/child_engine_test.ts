import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { ENGINES } from '../../src/engines/all.js';
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

test('what an engine needs of the set-up is a line of its table', () => {
  const table = readFileSync(join(REPOSITORY, 'setup', 'engines.txt'), 'utf8');
  const known = new Set(table.split('\n').map((line) => line.split(' ')[0]));
  const needed = ENGINES.all().flatMap(({ needs = [] }) => needs);
  const missing = needed
    .filter((need) => need.startsWith('engine:'))
    .filter((need) => !known.has(need.slice('engine:'.length)));
  assert.ok(needed.length > 20);
  assert.deepEqual(missing, []);
});

test('an engine with a limit is another but for that', () => {
  const names = new Set(ENGINES.all().map(({ name }) => name));
  const limited = ENGINES.all().filter(({ unlimited }) => unlimited !== undefined);
  assert.ok(limited.length >= 7);
  for (const { name, unlimited = '' } of limited) {
    assert.ok(names.has(unlimited) && name.startsWith(unlimited), `${name}: ${unlimited}`);
  }
});
