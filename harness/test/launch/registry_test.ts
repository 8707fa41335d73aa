/** An engine and a transport that nothing else knows go the way of all others. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ENGINES } from '../../src/engines/all.js';
import type { Engine } from '../../src/engines/engine.js';
import { native } from '../../src/engines/native.js';
import { checkCapabilities } from '../../src/experiment/capabilities.js';
import { cellsOf } from '../../src/experiment/cells.js';
import { expectedSeconds } from '../../src/experiment/eta.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { checkPaths, makePaths } from '../../src/experiment/paths.js';
import { planTrials } from '../../src/experiment/plan.js';
import { problemOf, type System } from '../../src/experiment/systems.js';
import { Programs } from '../../src/launch/parts/processes.js';
import { runTrial } from '../../src/measure/trial.js';
import { Relay } from '../../src/metrics/relay.js';
import { lookAround } from '../../src/run/look_around.js';
import { TRANSPORTS } from '../../src/transports/all.js';
import { rest } from '../../src/transports/rest.js';
import type { Transport } from '../../src/transports/transport.js';
import { EXPERIMENT } from '../examples.js';
import { makeFakeBuild } from '../fakes/build.js';

const toy: Engine = {
  name: 'toy',
  lacks: { simd: 'a toy has no vectors' },
  workers: {
    'in-process': { because: 'a toy is another process' },
    direct: { because: 'a toy listens to nobody' },
    relayed: {
      program: 'toy-worker',
      path: ({ bin }) => join(bin, 'toy-worker'),
      argumentsOf: (_, { coordinator, workerId }) => [
        ...['--coordinator', coordinator, '--worker-id', workerId],
      ],
    },
  },
  inBrowser: false,
  refuses: { browser_flags: 'engine toy has no browser', service_ms: 'a toy holds no task' },
  cost: { ...native.cost, launchSeconds: () => 1000 },
  artefacts: ({ bin }) => ({ programs: { 'toy-worker': join(bin, 'toy-worker') }, wasm: [] }),
  describe: async () => ({ versions: { toy: '1.0' } }),
};

const pigeon: Transport = {
  ...rest,
  name: 'pigeon',
  refuses: { split: 'a pigeon carries one task' },
  loadFlags: ({ codec }) => ({ codec }),
};

ENGINES.add(toy);
TRANSPORTS.add(pigeon);

/** Its names are no part of the types, which are those of the real ones. */
function systemOf(engine: string, transport: string, rest: Partial<System> = {}): System {
  return {
    name: `${transport}-${engine}`,
    engine: engine as System['engine'],
    transport: transport as System['transport'],
    codec: 'json',
    kernel: 'naive',
    dispatch: 'long-poll',
    ...rest,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

function experimentOf(system: System, axes: Partial<Experiment['axes']> = {}): Experiment {
  return {
    ...EXPERIMENT,
    systems: [system],
    axes: { ...EXPERIMENT.axes, workers: [2], ...axes },
    repetition: { launches: 1, duration_s: 0.1, samples: null, warm_up_s: 0, warm_up_limit_s: 1 },
  };
}

test('a name is taken once, and an unknown one is refused with those that exist', () => {
  assert.throws(() => ENGINES.add(toy), /^Error: there are two engines 'toy'$/);
  assert.throws(
    () => TRANSPORTS.of('crow'),
    /unknown transport 'crow'; expected one of inproc, tcp,/,
  );
});

test('systems with them are valid, and what they cannot do is refused in their own words', () => {
  assert.equal(problemOf(systemOf('toy', 'rest')), undefined);
  assert.equal(problemOf(systemOf('native', 'pigeon')), undefined);
  assert.equal(
    problemOf(systemOf('toy', 'pigeon', { kernel: 'simd' })),
    "kernel of engine toy is 'simd'; expected origin or naive or blocked or simd-128 or relaxed or relaxed-wide or blas: a toy has no vectors",
  );
  assert.equal(
    problemOf(systemOf('toy', 'tcp', { codec: 'binary', dispatch: 'push' })),
    "engine of transport tcp is 'toy'; expected native: a toy listens to nobody",
  );
  assert.throws(
    () => cellsOf(experimentOf(systemOf('native', 'pigeon'), { split: ['rows'] })),
    /split 'rows' is not supported by pigeon-native: a pigeon carries one task$/,
  );
  assert.throws(
    () => cellsOf(experimentOf(systemOf('toy', 'rest'), { service_ms: [10] })),
    /service_ms '10' is not supported by rest-toy: a toy holds no task$/,
  );
});

test('they are planned: what they need is looked for, and their cost counts', () => {
  makeFakeBuild(join(folder, 'without'));
  const experiment = experimentOf(systemOf('toy', 'pigeon'));
  const paths = makePaths(folder, { build: join(folder, 'without') });
  assert.throws(() => checkPaths(paths, experiment), /^Error: not built: \S+\/bin\/toy-worker;/);
  const [cell] = cellsOf(experiment);
  assert.ok(cell !== undefined && expectedSeconds(cell, experiment) > 1000);
});

test('what its program does not support is refused before anything is launched', async () => {
  const build = join(folder, 'text-only');
  makeFakeBuild(build, { 'toy-worker': 'swarm_worker' }, { 'toy-worker': { codecs: ['json'] } });
  const paths = makePaths(folder, { build });
  await checkCapabilities(paths, experimentOf(systemOf('toy', 'rest')));
  await assert.rejects(
    checkCapabilities(paths, experimentOf(systemOf('toy', 'rest', { codec: 'binary' }))),
    /^UsageError: rest-toy: codec is 'binary', which toy-worker does not support; expected json \(/,
  );
});

for (const system of [systemOf('toy', 'pigeon'), systemOf('native', 'pigeon')]) {
  test(`${system.name} is launched and measured, and a run records what it is`, async () => {
    const build = join(folder, system.name);
    makeFakeBuild(build, { 'toy-worker': 'swarm_worker' });
    const experiment = experimentOf(system);
    const paths = makePaths(folder, { build });
    checkPaths(paths, experiment);
    const context = {
      ...{ experiment, paths, logs: folder, relay: new Relay(), programs: new Programs() },
      signal: new AbortController().signal,
    };
    const [trial] = planTrials(experiment);
    assert.ok(trial);
    const ended = await runTrial(trial, context, join(folder, 'samples.csv'), () => undefined);
    assert.equal(ended.validity, 'valid', ended.invalidBecause);
    const worker = system.engine === native.name ? 'swarm-worker' : 'toy-worker';
    assert.deepEqual(ended.endings, {
      coordinator: 0,
      'load-generator': 0,
      [`${worker}-1`]: 0,
      [`${worker}-2`]: 0,
    });
    const { versions, programs_sha256 } = await lookAround(context);
    const toys = system.engine === native.name ? undefined : '1.0';
    assert.equal((versions as Record<string, unknown>)['toy'], toys);
    const own = system.engine === native.name ? [] : ['toy-worker'];
    assert.deepEqual(Object.keys(programs_sha256), [
      ...['coordinator', 'matmul-server', 'matmul-worker', 'swarm-worker', ...own],
      'load-generator',
    ]);
  });
}
