/** How trials go wrong, with programs that misbehave on purpose. */
import assert from 'node:assert/strict';
import {
  existsSync,
  type FSWatcher,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch as watchFiles,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { Interrupted } from '../../src/base/errors.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { makePaths } from '../../src/experiment/paths.js';
import { planTrials } from '../../src/experiment/plan.js';
import type { LaunchContext } from '../../src/launch/context.js';
import { Programs } from '../../src/launch/parts/processes.js';
import { type EndedTrial, runTrial, type TrialEvent } from '../../src/measure/trial.js';
import { Relay } from '../../src/metrics/relay.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';
import { makeFakeBuild } from '../fakes/build.js';
import { ProcessWatch } from '../machine.js';

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
  repetition: { launches: 1, duration_s: 0.1, samples: null, warm_up_s: 0, warm_up_limit_s: 1 },
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
): Promise<EndedTrial> {
  process.env['ENXAME_FAKE'] = behaviour;
  const controller = new AbortController();
  const [trial] = planTrials(of);
  assert.ok(trial);
  const context: LaunchContext = {
    experiment: of,
    paths: makePaths(folder, { build: folder }),
    programs: new Programs(),
    logs: folder,
    relay: new Relay(),
    signal: controller.signal,
  };
  return runTrial(trial, context, join(folder, 'samples.csv'), (event) =>
    onEvent(event, (reason) => controller.abort(reason)),
  );
}

afterEach(() => assert.deepEqual(watch.find(), [], 'a process was left behind'));

test('a good trial measures, and its programs end well', async () => {
  const events: string[] = [];
  const ended = await run('', ({ event }) => events.push(event));
  assert.equal(ended.validity, 'valid', ended.invalidBecause);
  assert.equal(ended.measured?.measurement.samples, 20);
  assert.equal(ended.measured?.measurement.throughputPerS, 200);
  assert.ok((ended.measured?.cpuS['workers'] ?? -1) >= 0);
  assert.deepEqual(Object.keys(ended.measured?.readyMs ?? {}), ['w1', 'w2']);
  assert.match(ended.measured?.metrics ?? '', /^enxame_fake_total\{.*\} 2$/m);
  assert.deepEqual(ended.endings, {
    'load-generator': 0,
    'matmul-worker-1': 0,
    'matmul-worker-2': 0,
  });
  assert.deepEqual(events, [
    'launching',
    'warm-up',
    'window-start',
    'progress',
    'window-end',
    'done',
    'stopping',
  ]);
});

const CASES: [behaviour: string, invalidBecause: RegExp][] = [
  ['load:wrong', /^1 wrong products \(first: bad, very bad\)$/],
  ['load:error', /^1 failed requests \(first: bad, very bad\)$/],
  [
    'load:crash',
    /^load-generator \(pid \d+\) ended with 1 while it measured: cannot reach 127\.0\.0\.1:1$/,
  ],
  ['load:stopped', /^the load generator did not run for 4\.0 s of the measured time/],
  ['load:babble', /^load-generator printed 'hello', which is not an event$/],
  [
    'listener:refuse',
    /^matmul-worker-\d of 2 \(pid \d+\) ended with 1 before it listened: cannot bind 127\.0\.0\.1:0$/,
  ],
];

for (const [behaviour, invalidBecause] of CASES) {
  test(`${behaviour}: the trial is invalid and says why`, async () => {
    const ended = await run(behaviour);
    assert.equal(ended.validity, 'failed');
    assert.match(ended.invalidBecause, invalidBecause);
  });
}

test('native workers behind a coordinator are a part of their own', async () => {
  const ended = await run('', undefined, REST_NATIVE);
  assert.equal(ended.validity, 'valid', ended.invalidBecause);
  assert.deepEqual(Object.keys(ended.measured?.cpuS ?? {}).sort(), [
    'coordinator',
    'harness',
    'load_generator',
    'workers',
  ]);
  assert.deepEqual(ended.endings, {
    coordinator: 0,
    'load-generator': 0,
    'swarm-worker-1': 0,
    'swarm-worker-2': 0,
  });
});

test('a worker that ends before it asks for work is not waited for', async () => {
  const ended = await run('swarm:refuse', undefined, REST_NATIVE);
  assert.equal(ended.validity, 'failed');
  assert.match(
    ended.invalidBecause,
    /^swarm-worker-\d of 2 \(pid \d+\) ended with 1 before all workers asked for work: cannot reach http:/,
  );
});

test('wrong products are kept with what was measured', async () => {
  const { measured } = await run('load:wrong');
  assert.equal(measured?.measurement.wrong, 1);
  assert.equal(measured?.measurement.samples, 19);
});

const INTERRUPTED = new Interrupted('SIGINT');

test('an interruption while a worker does not say where it listens ends the trial at once', async () => {
  let logs: FSWatcher | undefined;
  const ended = await run('listener:mute', ({ event }, abort) => {
    if (event !== 'launching') return;
    logs = watchFiles(folder, (_, name) => {
      if (name !== null && /worker-1\.log$/.test(name) && isMute(name)) abort(INTERRUPTED);
    });
  });
  logs?.close();
  assertInterrupted(ended);
});

/** Whether the fake worker that writes this log has begun to say nothing more. */
function isMute(log: string): boolean {
  const path = join(folder, log);
  return existsSync(path) && readFileSync(path, 'utf8').includes('mute');
}

test('an interruption while the load generator hangs ends the trial at once', async () => {
  const ended = await run('load:hang', ({ event }, abort) => {
    if (event === 'warm-up') abort(INTERRUPTED);
  });
  assertInterrupted(ended);
});

function assertInterrupted({ validity, invalidBecause, measured }: EndedTrial): void {
  assert.equal(validity, 'interrupted');
  assert.equal(invalidBecause, 'interrupted by SIGINT');
  assert.equal(measured, undefined);
}

test('workers that do not heed SIGTERM are killed, and the trial still counts', async () => {
  const ended = await run('listener:deaf');
  assert.equal(ended.invalidBecause, '');
  assert.equal(ended.endings['matmul-worker-1'], 'SIGKILL');
});

/** The processes of the trial that run this fake program, by the order of their start. */
function pidsOf(fake: string): number[] {
  const lines = watch.find().filter((line) => line.includes(`/${fake}.js`));
  return lines.map((line) => Number(line.split(' ')[0]));
}

const DEATHS: [what: string, of: Experiment, fake: string, signal: NodeJS.Signals, told: RegExp][] =
  [
    [
      'a native worker that is killed',
      experiment,
      'listener',
      'SIGKILL',
      /^matmul-worker-1 of 2 \(pid \d+\) ended with SIGKILL while it was measured$/,
    ],
    [
      'a native worker that is stopped',
      experiment,
      'listener',
      'SIGSTOP',
      /^matmul-worker-1 of 2 \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
    ],
    [
      'a worker of a coordinator that is killed',
      REST_NATIVE,
      'swarm_worker',
      'SIGKILL',
      /^swarm-worker-1 of 2 \(pid \d+\) ended with SIGKILL while it was measured$/,
    ],
    [
      'a coordinator that is stopped',
      REST_NATIVE,
      'listener',
      'SIGSTOP',
      /^coordinator \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
    ],
    [
      'a load generator that is stopped',
      experiment,
      'load_generator',
      'SIGSTOP',
      /^load-generator \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
    ],
    [
      'a load generator that is killed',
      experiment,
      'load_generator',
      'SIGKILL',
      /^load-generator \(pid \d+\) ended with SIGKILL while it measured$/,
    ],
  ];

for (const [what, of, fake, signal, told] of DEATHS) {
  test(`${what} ends its trial within seconds, and is named`, async () => {
    let diedAt: number | undefined;
    const ended = await run(
      'load:wait',
      ({ event }) => {
        if (event !== 'progress' || diedAt !== undefined) return;
        diedAt = performance.now();
        process.kill(pidsOf(fake)[0] ?? Number.NaN, signal);
      },
      of,
    );
    const tookMs = performance.now() - (diedAt ?? 0);
    assert.equal(ended.validity, 'failed');
    assert.match(ended.invalidBecause, told);
    assert.ok(tookMs < 3000, `it took ${tookMs} ms`);
  });
}

test('a worker that holds a task for ever ends its trial, and is named', async () => {
  const long = { ...REST_NATIVE, repetition: { ...REST_NATIVE.repetition, duration_s: 60 } };
  const ended = await run('load:wait+frozen', undefined, long);
  assert.match(
    ended.invalidBecause,
    /^worker w1 has held tasks for \d\.\d s and completed none, though one takes 10 ms$/,
  );
});

test('requests that never end are not waited for', async () => {
  const ended = await run('load:wait-for-ever', undefined, {
    ...experiment,
    repetition: { ...experiment.repetition, duration_s: 60 },
  });
  assert.match(ended.invalidBecause, /^no request has ended for 3\.\d s, though one takes 10 ms$/);
});

test('a page of metrics that is slow, or does not come, costs no measurement', async () => {
  const slow = await run('listener:slow');
  assert.equal(slow.validity, 'valid', slow.invalidBecause);
  assert.match(slow.measured?.metrics ?? '', /^enxame_fake_total\{.*\} 2$/m);
  const secret = await run('listener:secret');
  assert.equal(secret.validity, 'valid', secret.invalidBecause);
  assert.equal(secret.measured?.metrics, null);
  assert.match(
    secret.measured?.unobserved.join() ?? '',
    /^metrics: GET .* was answered with status 500: busy$/,
  );
});
