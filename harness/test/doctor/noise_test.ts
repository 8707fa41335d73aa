import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withNoise } from '../../src/doctor/noise.js';
import { cpuSecondsOf } from '../../src/launch/parts/proc.js';
import { until } from '../until.js';

function noises(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, program = '', share] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return share === '0.31' && /make_noise/.test(program);
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('another program is busy while the work lasts, and gone after it', async () => {
  const came = await withNoise(0.31, async () => {
    await until(() => noises().length === 1);
    const [pid] = noises() as [number];
    // A third of a second of it, however long that takes.
    const before = cpuSecondsOf(pid);
    await until(() => cpuSecondsOf(pid) > before + 0.3);
    return 'done';
  });
  assert.equal(came, 'done');
  await until(() => noises().length === 0);
});

test('without a share there is none, and what the work throws is thrown', async () => {
  assert.deepEqual(await withNoise(0, async () => noises()), []);
  await assert.rejects(
    withNoise(0.31, async () => Promise.reject(new Error('out of paper'))),
    /out of paper/,
  );
  await until(() => noises().length === 0);
});
