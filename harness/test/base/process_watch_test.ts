import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { ProcessWatch } from '../machine.js';

test('a marked process in the session of the tests is found, and nothing else of that session', async (t) => {
  const mark = `enxame-test-${process.pid}`;
  const watch = new ProcessWatch(`ENXAME_TEST_MARK=${mark}`);
  t.after(() => watch.end());
  const child = spawn('sleep', ['60'], { env: { ...process.env, ENXAME_TEST_MARK: mark } });
  await once(child, 'spawn');
  assert.deepEqual(watch.find(), [`${child.pid} sleep 60 `]);
  child.kill();
  await once(child, 'exit');
  assert.deepEqual(watch.find(), []);
});
