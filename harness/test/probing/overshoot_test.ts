/** Limits exceeded by shells in the place of engines: what is told of a program that was killed, that trapped, or that nothing stopped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limits } from '../../src/engines/engine.js';
import { exceedAll, type Limiting, limiting } from '../../src/probing/overshoot.js';
import type { Built } from '../../src/systems/fields.js';

function engine(name: string, limit: keyof Limits, script: string): Limiting {
  const guests = {
    prepare: async () => {},
    command: () => ['bash', '-c', `read -r attempt; ${script}`],
    limits: [limit],
  };
  return { name, guests } as unknown as Limiting;
}

async function exceed(limit: keyof Limits, script: string) {
  const { rows } = await exceedAll({} as Built, [engine('shell', limit, script)], 2, () => {});
  assert.deepEqual(
    rows.map(({ engine: of, limit: what, repeat }) => [of, what, repeat]),
    [
      ['shell', limit, 1],
      ['shell', limit, 2],
    ],
  );
  const [first] = rows;
  assert.ok(first);
  return first;
}

test('what a program had when it was killed is what it had said last', async () => {
  const killed = await exceed(
    'memoryBytes',
    'for i in 1 2 140; do echo "$i MiB"; done; kill -9 $$',
  );
  assert.deepEqual([killed.got, killed.beyond], [140, 12]);
  assert.deepEqual([killed.by, killed.host_sees], ['killed by SIGKILL', 'killed by SIGKILL']);
});

test('what was refused stays below the limit, and what nothing stopped has no cause', async () => {
  const refused = await exceed('memoryBytes', 'echo "126 MiB"; echo "refused malloc: no memory"');
  assert.deepEqual(
    [refused.got, refused.by, refused.host_sees],
    [126, 'malloc: no memory', 'exit status 0'],
  );
  const unstopped = await exceed('memoryBytes', 'echo "1024 MiB"; echo "done 1024 MiB"');
  assert.deepEqual([unstopped.beyond, unstopped.by], [896, '']);
});

test('of time, how much longer it ran', async () => {
  const late = await exceed(
    'seconds',
    'read -rt 1.2 <> <(:); echo "wasm trap: interrupt" >&2; exit 134',
  );
  assert.ok((late.beyond ?? 0) >= 190, String(late.beyond));
  assert.deepEqual([late.by, late.host_sees], ['wasm trap: interrupt', 'exit status 134']);
});

test('of processors, how much time it had beyond its share, and whether it had to wait', async () => {
  const slowed = await exceed('processors', 'echo "done 1030 ms"');
  assert.deepEqual([slowed.got, slowed.beyond, slowed.by], [1030, 30, 'it had to wait']);
  const unlimited = await exceed('processors', 'echo "done 1990 ms"');
  assert.deepEqual([unlimited.beyond, unlimited.by], [990, '']);
});

test('an engine that cannot be prepared is named, and the others are probed', async () => {
  const broken = engine('broken', 'fuel', 'exit 1');
  const prepare = async () => {
    throw new Error('not here');
  };
  const both = [
    { ...broken, guests: { ...broken.guests, prepare } },
    engine('shell', 'fuel', 'echo "done 10 s"'),
  ];
  const { rows, unavailable } = await exceedAll({} as Built, both, 1, () => {});
  assert.deepEqual(unavailable, { broken: 'not here' });
  assert.deepEqual(
    rows.map(({ engine: of }) => of),
    ['shell'],
  );
});

test('engines say what they can limit', () => {
  const can = new Map(limiting().map(({ name, guests }) => [name, guests.limits]));
  assert.deepEqual(can.get('wasi-wasmtime'), ['memoryBytes', 'seconds', 'fuel']);
  assert.deepEqual(can.get('crun'), ['memoryBytes', 'processors']);
  assert.deepEqual(can.get('docker'), ['memoryBytes', 'processors']);
  // WASI has no clock of processor time.
  assert.deepEqual(can.get('crun-wasmedge'), ['memoryBytes']);
  assert.equal(can.has('wasi-node'), false);
});
