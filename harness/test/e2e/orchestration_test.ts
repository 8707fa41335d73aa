/** Workers that nobody keeps running, and those of an orchestrator: no task is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOrchestrator, orchestrate } from './orchestrated.js';

test('workers that nobody replaces lose no task', async () => {
  const { rows, unavailable } = await orchestrate('processes');
  assert.deepEqual(unavailable, {});
  assert.equal(rows.length, 2);
});

test('Docker Swarm scales workers and replaces one that dies, native and Wasm, and no task is lost', (t) =>
  checkOrchestrator('docker-swarm', t));
