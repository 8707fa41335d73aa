/** How trials go wrong, with programs that misbehave on purpose. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { Interrupted } from '../src/errors.js';
import type { Experiment } from '../src/experiment/experiment.js';
import { planTrials } from '../src/experiment/plan.js';
import { Programs } from '../src/launch/processes.js';
import type { Workshop } from '../src/launch/workshop.js';
import { runTrial, type TrialEvent, type TrialOutcome } from '../src/measure/trial.js';
import { Relay } from '../src/metrics/relay.js';
import { makePaths } from '../src/paths.js';
import { EXPERIMENT, SYSTEMS } from './examples.js';
import { makeFakeBuild } from './fakes/build.js';
import { ProcessWatch } from './machine.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
process.env['ENXAME_TEST_MARK'] = folder;
const watch = new ProcessWatch(`ENXAME_TEST_MARK=${folder}`);
after(() => {
  watch.end();
  rmSync(folder, { recursive: true });
});
makeFakeBuild(folder);

const experiment: Experiment = {
  ...EXPERIMENT,
  systems: SYSTEMS.filter((system) => system.name === 'rpc-tcp'),
  axes: { ...EXPERIMENT.axes, workers: [2] },
  repetition: { launches: 1, duration_s: 0.1, warm_up_limit_s: 1 },
};

const REST_NATIVE: Experiment = {
  ...experiment,
  systems: [
    {
      name: 'rest-native',
      engine: 'native',
      transport: 'rest',
      codec: 'json',
      kernel: 'simd',
      dispatch: 'long-poll',
    },
  ],
};

async function run(
  behaviour: string,
  onEvent: (event: TrialEvent, abort: (reason: Error) => void) => void = () => undefined,
  of = experiment,
): Promise<TrialOutcome> {
  process.env['ENXAME_FAKE'] = behaviour;
  const controller = new AbortController();
  const [trial] = planTrials(of);
  assert.ok(trial);
  const workshop: Workshop = {
    experiment: of,
    paths: makePaths(folder, { build: folder }),
    programs: new Programs(),
    logs: folder,
    relay: new Relay(),
    signal: controller.signal,
  };
  return runTrial(trial, workshop, join(folder, 'samples.csv'), (event) =>
    onEvent(event, (reason) => controller.abort(reason)),
  );
}

afterEach(() => assert.deepEqual(watch.find(), [], 'a process was left behind'));

test('a good trial measures, and its programs end well', async () => {
  const events: string[] = [];
  const outcome = await run('', ({ event }) => events.push(event));
  assert.equal(outcome.verdict, 'valid', outcome.invalidBecause);
  assert.equal(outcome.measured?.measurement.samples, 20);
  assert.equal(outcome.measured?.measurement.throughputPerS, 200);
  assert.ok((outcome.measured?.cpuS['workers'] ?? -1) >= 0);
  assert.match(outcome.measured?.metrics ?? '', /^enxame_fake_total\{.*\} 2$/m);
  assert.deepEqual(outcome.endings, {
    'load-generator': 0,
    'matmul-worker-1': 0,
    'matmul-worker-2': 0,
  });
  assert.deepEqual(events, ['launching', 'warm-up', 'progress', 'done', 'stopping']);
});

const CASES: [behaviour: string, invalidBecause: RegExp][] = [
  ['load:wrong', /^1 wrong products \(first: bad, very bad\)$/],
  ['load:error', /^1 failed requests \(first: bad, very bad\)$/],
  ['load:crash', /^load-generator ended with 1 while it measured: cannot reach 127\.0\.0\.1:1$/],
  ['load:babble', /^load-generator said 'hello', which is no event$/],
  [
    'listener:refuse',
    /^matmul-worker-\d ended with 1 before it listened: cannot bind 127\.0\.0\.1:0$/,
  ],
];

for (const [behaviour, invalidBecause] of CASES) {
  test(`${behaviour}: the trial is invalid and says why`, async () => {
    const outcome = await run(behaviour);
    assert.equal(outcome.verdict, 'failed');
    assert.match(outcome.invalidBecause, invalidBecause);
  });
}

test('native workers behind a coordinator are a part of their own', async () => {
  const outcome = await run('', undefined, REST_NATIVE);
  assert.equal(outcome.verdict, 'valid', outcome.invalidBecause);
  assert.deepEqual(Object.keys(outcome.measured?.cpuS ?? {}).sort(), [
    'coordinator',
    'harness',
    'load_generator',
    'workers',
  ]);
  assert.deepEqual(outcome.endings, {
    coordinator: 0,
    'load-generator': 0,
    'swarm-worker-1': 0,
    'swarm-worker-2': 0,
  });
});

test('a worker that ends before it asks for work is not waited for', async () => {
  const outcome = await run('swarm:refuse', undefined, REST_NATIVE);
  assert.equal(outcome.verdict, 'failed');
  assert.match(
    outcome.invalidBecause,
    /^swarm-worker-\d ended with 1 before it asked for work: cannot reach http:/,
  );
});

test('wrong products are kept with what was measured', async () => {
  const { measured } = await run('load:wrong');
  assert.equal(measured?.measurement.wrong, 1);
  assert.equal(measured?.measurement.samples, 19);
});

for (const [behaviour, when] of [
  ['listener:mute', 'launching'],
  ['load:hang', 'warm-up'],
] as const) {
  test(`an interruption while ${behaviour} ends the trial at once`, async () => {
    const outcome = await run(behaviour, ({ event }, abort) => {
      if (event === when) setTimeout(() => abort(new Interrupted('SIGINT')), 50);
    });
    assert.equal(outcome.verdict, 'interrupted');
    assert.equal(outcome.invalidBecause, 'interrupted by SIGINT');
    assert.equal(outcome.measured, undefined);
  });
}

test('workers that do not heed SIGTERM are killed, and the trial still counts', async () => {
  const outcome = await run('listener:deaf');
  assert.equal(outcome.invalidBecause, '');
  assert.equal(outcome.endings['matmul-worker-1'], 'SIGKILL');
});
