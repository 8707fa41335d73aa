/** The other orchestrator, with the real one. */
import { test } from 'node:test';
import { checkOrchestrator } from '../e2e/orchestrated.js';

test('kube play scales workers and replaces one that dies, native and Wasm, and no task is lost', (t) =>
  checkOrchestrator('kube-play', t));
