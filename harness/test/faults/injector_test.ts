import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/experiment/faults.js';
import type { Handles } from '../../src/faults/handles.js';
import { Injector } from '../../src/faults/injector.js';
import { type Part, Readiness } from '../../src/launch/parts/part.js';

/** What was done to whom, in order. */
function scene() {
  const done: string[] = [];
  const act = (what: string) => async () => void done.push(what);
  const part: Part = {
    name: 'matmul-worker-1',
    role: 'workers',
    workerId: 'w1',
    ready: new Readiness(),
    cpuSeconds: async () => 0,
    pause: act('pause'),
    resume: act('resume'),
    stop: act('stop'),
    kill: act('kill'),
    restart: act('restart'),
  };
  const handles: Handles = {
    part: (of) => {
      if (of !== 'w1') throw new Error(`there is no worker ${of}`);
      return part;
    },
    link: () => assert.fail('no link'),
    server: () => assert.fail('no server'),
    n: 4,
    load: async (inFlight, forS) => {
      done.push(`load ${inFlight} for ${forS} s`);
      return { samples: 5, errors: 1, wrong: 0 };
    },
  };
  return { done, handles };
}

const nowS = () => Number(process.hrtime.bigint()) / 1e9;

/** Injects the plan from now on, and returns what was noted when all of it is over by itself. */
async function inject(plan: readonly Fault[]) {
  const { done, handles } = scene();
  const injector = new Injector(plan, handles);
  injector.begin(nowS());
  await new Promise((resolve) => setTimeout(resolve, 250));
  return { done, injected: await injector.end() };
}

test('a fault begins at its time, ends at its time, and both are noted', async () => {
  const { done, injected } = await inject([{ at_s: 0.05, kind: 'freeze', of: 'w1', for_s: 0.05 }]);
  assert.deepEqual(done, ['pause', 'resume']);
  const [{ at_s, until_s, ...rest } = assert.fail('nothing injected')] = injected;
  assert.deepEqual(rest, { kind: 'freeze', of: 'w1', part: 'matmul-worker-1', planned_s: 0.05 });
  assert.ok(at_s !== null && until_s !== null && at_s >= 0.049 && until_s - at_s >= 0.049);
});

test('what was killed stays away unless it is to be restarted', async () => {
  const kill: Fault = { at_s: 0, kind: 'kill', of: 'w1' };
  const forGood = await inject([kill]);
  assert.deepEqual(forGood.done, ['kill']);
  assert.equal(forGood.injected[0]?.until_s, null);
  const restarted = await inject([{ ...kill, restart_after_s: 0.01 }]);
  assert.deepEqual(restarted.done, ['kill', 'restart']);
  assert.ok((restarted.injected[0]?.until_s ?? 0) >= 0.009);
});

test('a slowed worker is stopped and goes on again and again, and at last goes on', async () => {
  const { done } = await inject([{ at_s: 0, kind: 'slow', of: 'w1', for_s: 0.12, share: 0.5 }]);
  assert.ok(done.length >= 4, done.join());
  assert.deepEqual(
    done,
    done.map((_, i) => (i % 2 === 0 ? 'pause' : 'resume')),
  );
  assert.equal(done.at(-1), 'resume');
});

test('what a further load came to is noted', async () => {
  const { done, injected } = await inject([{ at_s: 0, kind: 'burst', for_s: 0.1, count: 8 }]);
  assert.deepEqual(done, ['load 8 for 0.1 s']);
  assert.deepEqual(injected[0]?.load, { samples: 5, errors: 1, wrong: 0 });
});

test('when the load ends, what lasts is undone, and what was to come is not injected', async () => {
  const { done, handles } = scene();
  const plan: Fault[] = [
    { at_s: 0, kind: 'freeze', of: 'w1', for_s: 3600 },
    { at_s: 3600, kind: 'kill', of: 'w1' },
  ];
  const injector = new Injector(plan, handles);
  injector.begin(nowS());
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [frozen, killed] = await injector.end();
  assert.deepEqual(done, ['pause', 'resume']);
  assert.deepEqual([frozen?.until_s, killed?.at_s], [null, null]);
});

test('a fault that cannot be injected says why', async () => {
  const { injected } = await inject([{ at_s: 0, kind: 'kill', of: 'w9' }]);
  assert.equal(injected[0]?.failed, 'there is no worker w9');
});
