/** What can be done to the parts of a system that was launched: a browser and its tabs, made-up programs around them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { allowedProcessors } from '../../src/base/processors.js';
import { placementOf } from '../../src/experiment/placement.js';
import { readyTimesOf } from '../../src/launch/parts/part.js';
import { SYSTEMS } from '../examples.js';
import { launchFakes, lossIn, type TestLaunch } from '../launches.js';
import { processorsOf } from '../machine.js';

const REST_WASM = SYSTEMS.find(({ name }) => name === 'rest-wasm') as (typeof SYSTEMS)[0];
/** The page of the made-up coordinator asks every 50 ms. */
const QUIET_MS = 800;
const DEADLINE_MS = 10_000;

const launch = (t: TestContext) => launchFakes(t, REST_WASM);

/** Returns when the coordinator has (not) heard of the worker lately. */
async function untilHeard({ launched }: TestLaunch, worker: string, heard: boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (performance.now() < end) {
    const states = await launched.askWorkers?.();
    const lastSeenMs = states?.find(({ workerId }) => workerId === worker)?.lastSeenMs ?? Infinity;
    if (lastSeenMs < QUIET_MS === heard) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`${worker} was ${heard ? 'not ' : ''}heard of for ${DEADLINE_MS} ms`);
}

test('a browser and its tabs are parts, and it is known when each tab first asked', async (t) => {
  const { launched, part } = await launch(t);
  assert.deepEqual(
    launched.parts.map(({ name, role, workerId }) => [name, role, workerId]),
    [
      ['coordinator', 'coordinator', null],
      ['browser', 'browser', null],
      ['tab of w1', null, 'w1'],
      ['tab of w2', null, 'w2'],
    ],
  );
  const times = await readyTimesOf(launched.parts);
  assert.deepEqual(Object.keys(times), ['w1', 'w2']);
  for (const ms of Object.values(times)) assert.ok(ms > 0 && ms < 30_000, `${ms} ms`);
  assert.ok((await part('tab of w1').cpuSeconds()) > 0);
  assert.ok((await part('browser').cpuSeconds()) > 0);
});

test('tabs run on the processors of the workers, and the coordinator on its own', async (t) => {
  const processors = allowedProcessors();
  if (processors.length < 2) return t.skip('there is a single processor');
  const { launched } = await launchFakes(t, REST_WASM, { pin: 'apart' });
  const { between, workers } = placementOf('apart');
  const seen = { tabs: 0, others: 0 };
  for (const { pid, isTab, what } of await launched.processes()) {
    const expected = isTab === undefined ? between : workers;
    for (const each of processorsOf(pid ?? assert.fail(`no process of ${what}`))) {
      assert.ok(
        each.every((processor) => expected?.includes(processor)),
        `${what} may run on ${each}; expected ${expected}`,
      );
    }
    seen[isTab ? 'tabs' : 'others']++;
  }
  assert.ok(seen.tabs >= 2 && seen.others >= 2, JSON.stringify(seen));
});

test('a tab is paused while the other goes on, and resumed', async (t) => {
  const system = await launch(t);
  const tab = system.part('tab of w1');
  await tab.pause();
  await untilHeard(system, 'w1', false);
  await untilHeard(system, 'w2', true);
  await tab.resume();
  await untilHeard(system, 'w1', true);
  assert.equal(await system.launched.countAttachedPages(), 0);
});

test('a tab that is killed, and one that is stopped, are restarted, and no loss', async (t) => {
  const system = await launch(t);
  await system.part('tab of w1').kill();
  await system.part('tab of w2').stop();
  await untilHeard(system, 'w1', false);
  await untilHeard(system, 'w2', false);
  for (const worker of ['w1', 'w2']) await system.part(`tab of ${worker}`).restart();
  await untilHeard(system, 'w1', true);
  await untilHeard(system, 'w2', true);
  await system.losses.throwIfAny(50);
});

test('a browser is paused, resumed and restarted with all its tabs, and no loss', async (t) => {
  const system = await launch(t);
  const browser = system.part('browser');
  await browser.pause();
  await untilHeard(system, 'w2', false);
  await browser.resume();
  await untilHeard(system, 'w2', true);
  await browser.restart();
  await untilHeard(system, 'w1', true);
  await untilHeard(system, 'w2', true);
  await system.losses.throwIfAny(50);
});

test('a tab that crashes is told within a second', async (t) => {
  const { launched, losses } = await launch(t);
  losses.during = 'while it was measured';
  const processes = await launched.processes();
  const renderer = processes.find(({ isTab }) => isTab)?.pid ?? Number.NaN;
  const diedAt = performance.now();
  process.kill(renderer, 'SIGSEGV');
  assert.match(
    await lossIn(losses),
    /^the tab of w[12] ended \(crashed, \d+\) while it was measured$/,
  );
  assert.ok(performance.now() - diedAt < 1000, `${performance.now() - diedAt} ms`);
});
