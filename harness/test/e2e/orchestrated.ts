/** What tests of orchestrators share: each with real workers, twice. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Beside, MANY, type Run } from '../../src/orchestration/scenario.js';
import { HarnessRun } from './harness.js';

interface Result {
  readonly rows: readonly Run[];
  readonly beside: readonly Beside[];
  readonly failed: readonly unknown[];
  readonly unavailable: Readonly<Record<string, string>>;
}

export async function orchestrate(orchestrators: string): Promise<Result> {
  const chosen = ['--orchestrators', orchestrators, '--repeats', '2'];
  const run = new HarnessRun('orchestrate', ...chosen, '--json');
  const { stdout, stderr } = await run.ended;
  assert.deepEqual(run.processes(), []);
  assert.deepEqual(run.temporaryFiles(), []);
  run.remove();
  const result = JSON.parse(stdout || assert.fail(stderr)) as Result;
  assert.deepEqual(result.failed, []);
  for (const { orchestrator, tasks, scale_up_s, scale_down_s, replaced_s } of result.rows) {
    // More than its clients have in flight.
    assert.ok(tasks.submitted > MANY, orchestrator);
    const { right, wrong, lost, because } = tasks;
    assert.deepEqual([right, wrong, lost], [tasks.submitted, 0, 0], because);
    assert.ok(scale_up_s > 0 && scale_down_s > 0, orchestrator);
    assert.equal(replaced_s === null, orchestrator === 'processes');
  }
  return result;
}

/** What it scales, replaces and runs side by side, with no task lost; skips the test where this machine does not allow it. */
export async function checkOrchestrator(orchestrator: string, t: TestContext): Promise<void> {
  const { rows, beside, unavailable } = await orchestrate(orchestrator);
  const why = unavailable[orchestrator];
  if (why !== undefined) return t.skip(`this machine allows no ${orchestrator}: ${why}`);
  assert.equal(rows.length, 2);
  const [side] = beside;
  const { native = 0, wasm = 0 } = side?.completed ?? {};
  assert.ok(native > 0 && wasm > 0, JSON.stringify(side));
  assert.deepEqual([native + wasm, side?.tasks.wrong], [side?.tasks.submitted, 0]);
  assert.equal(side?.module_exit_code, orchestrator === 'kube-play' ? 0 : null);
}
