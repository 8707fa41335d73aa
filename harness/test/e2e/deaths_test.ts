/**
 * What dies in the measured time, with the real programs and a real browser: the trial does not
 * count, that is told within seconds, and what died is named.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment } from '../../src/experiment/experiment.js';
import type { LoadEvent, LoadResult } from '../../src/measure/load_events.js';
import type { EndedTrial } from '../../src/measure/trial.js';
import { experimentOf, Trials } from './trials.js';

const trials = new Trials();
const { folder, paths, watch } = trials;

/** Far longer than it may take to tell a death: a trial that goes on until its end fails the test. */
const WINDOW_S = 30;
const SOON_MS = 10_000;

/** Runs the trial of an experiment; `onMeasuring` is called once, when samples have been measured. */
function run(experiment: Experiment, onMeasuring: () => void): Promise<EndedTrial> {
  let called = false;
  return trials.run(experiment, (event) => {
    if (called || event.event !== 'progress' || event.samples === 0) return;
    called = true;
    onMeasuring();
  });
}

/** The pids of what runs for the trial, by a part of the command line. */
function pidsOf(part: string): number[] {
  const lines = watch.find().filter((line) => line.includes(part));
  return lines.map((line) => Number(line.split(' ')[0]));
}

/** Not the shell scripts around it, nor its own processes. */
function browserPid(): number[] {
  const lines = watch.find().filter((line) => /^\d+ \S*headless.shell (?!--type=)/.test(line));
  return lines.map((line) => Number(line.split(' ')[0]));
}

const tabs = () => pidsOf('--type=renderer');

const DEATHS: [
  what: string,
  system: string,
  find: () => number[],
  signal: NodeJS.Signals,
  told: RegExp,
][] = [
  [
    'a tab whose renderer is killed',
    'ws-wasm',
    tabs,
    'SIGKILL',
    /^the tab of w[1-3] ended \(killed, 9\) while it was measured$/,
  ],
  [
    'a tab whose renderer crashes',
    'rest-wasm',
    tabs,
    'SIGSEGV',
    /^the tab of w[1-3] ended \(crashed, \d+\) while it was measured$/,
  ],
  [
    'a tab whose renderer is stopped',
    'rest-wasm',
    tabs,
    'SIGSTOP',
    /^the browser's process 'renderer' \(pid \d+\) \(the tab of w[1-3]\) was stopped \(SIGSTOP\) while it was measured$/,
  ],
  [
    'a browser that is killed',
    'ws-wasm',
    browserPid,
    'SIGKILL',
    /^the browser \(pid \d+\) ended with SIGKILL while it was measured$/,
  ],
  [
    'a browser that is stopped',
    'rest-wasm',
    browserPid,
    'SIGSTOP',
    /^the browser \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
  ],
  [
    "a browser's network process that is killed",
    'rest-wasm',
    () => pidsOf('NetworkService'),
    'SIGKILL',
    /^the browser's process 'network\.mojom\.NetworkService' \(pid \d+\) ended while it was measured$/,
  ],
  [
    'a native worker that is killed',
    'rpc-tcp',
    () => pidsOf('bin/matmul-worker'),
    'SIGKILL',
    /^matmul-worker-[1-3] of 3 \(pid \d+\) ended with SIGKILL while it was measured$/,
  ],
  [
    'a native worker of a coordinator that is stopped',
    'rest-native',
    () => pidsOf('bin/swarm-worker'),
    'SIGSTOP',
    /^swarm-worker-[1-3] of 3 \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
  ],
  [
    'a coordinator that is killed',
    'ws-native',
    () => pidsOf('bin/coordinator'),
    'SIGKILL',
    /^coordinator \(pid \d+\) ended with SIGKILL while it was measured$/,
  ],
  [
    'a coordinator that is stopped',
    'rest-native',
    () => pidsOf('bin/coordinator'),
    'SIGSTOP',
    /^coordinator \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
  ],
  [
    'a load generator that is stopped',
    'rpc-tcp',
    () => pidsOf('bin/load-generator'),
    'SIGSTOP',
    /^load-generator \(pid \d+\) was stopped \(SIGSTOP\) while it was measured$/,
  ],
];

for (const [what, system, find, signal, told] of DEATHS) {
  test(`${what} (${system}) ends its trial, and is named`, async () => {
    let diedAt = Number.NaN;
    const ended = await run(experimentOf(system, WINDOW_S, { workers: [3] }), () => {
      const [pid] = find();
      assert.ok(pid !== undefined, watch.find().join('\n'));
      diedAt = performance.now();
      process.kill(pid, signal);
    });
    const tookMs = performance.now() - diedAt;
    assert.equal(ended.validity, 'failed');
    assert.match(ended.invalidBecause, told);
    assert.ok(tookMs < SOON_MS, `it took ${tookMs} ms, the end of everything included`);
  });
}

test('workers that have little to do are not taken for dead', async () => {
  const quiet = experimentOf('rest-wasm', 8, { workers: [3], rate_per_s: [1.5] });
  const load = { kind: 'open', arrivals: 'poisson', schedule: 'constant' } as const;
  const ended = await trials.run({ ...quiet, load }, () => undefined);
  assert.equal(ended.validity, 'valid', ended.invalidBecause);
});

/** The last word of a load generator that is stopped for a while once it has measured something. */
async function stopForAWhile(...load: string[]): Promise<LoadResult> {
  const samples = join(folder, 'stopped.csv');
  const system = ['--transport', 'inproc', '--workers', '1', '--n', '64'];
  const args = [...system, ...load, '--duration', '2', '--samples', samples];
  // In a session of its own, as the harness starts it.
  const child = spawn(paths.loadGenerator, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'close');
  let stopped = false;
  let done: LoadResult | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as LoadEvent;
    if (event.event === 'done') done = event;
    if (event.event !== 'progress' || event.samples === 0 || stopped) continue;
    stopped = true;
    child.kill('SIGSTOP');
    await sleep(700);
    child.kill('SIGCONT');
  }
  await ended;
  assert.ok(done, 'it ended without saying that it was done');
  return done;
}

for (const load of [
  ['--in-flight', '1'],
  ['--rate', '50'],
]) {
  test(`a load generator that was stopped says so itself (${load.join(' ')})`, async () => {
    const { stopped_ms, longest_stop_ms, starved_ms } = await stopForAWhile(...load);
    assert.ok(longest_stop_ms > 500 && stopped_ms >= longest_stop_ms, `${stopped_ms} ms`);
    assert.ok(starved_ms < stopped_ms, `${starved_ms} ms`);
  });
}
