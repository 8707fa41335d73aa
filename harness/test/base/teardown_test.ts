import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Teardown } from '../../src/base/teardown.js';
import { waitFor } from '../../src/base/wait.js';

test('what was made last is undone first, also when undoing something fails', async () => {
  const undone: string[] = [];
  const teardown = new Teardown();
  teardown.add('the first', async () => void undone.push('first'));
  teardown.add('the second', () => Promise.reject(new Error('it is stuck')));
  teardown.add('the third', async () => void undone.push('third'));
  assert.deepEqual(await teardown.run(), ['could not stop the second: it is stuck']);
  assert.deepEqual(undone, ['third', 'first']);
  assert.deepEqual(await teardown.run(), []);
});

const never = new Promise<never>(() => undefined);

test('waiting ends with what is waited for, with the deadline, or with the signal', async () => {
  const controller = new AbortController();
  const options = { what: 'tea', deadlineMs: 20, signal: controller.signal };
  assert.equal(await waitFor(Promise.resolve(7), options), 7);
  await assert.rejects(waitFor(never, options), /tea took more than 0\.02 s/);
  const waiting = waitFor(never, { ...options, deadlineMs: 60_000 });
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(waitFor(Promise.resolve(7), options), /enough/);
});
