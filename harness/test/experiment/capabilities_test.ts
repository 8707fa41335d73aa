/** What a program supports is what it says itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { checkCapabilities } from '../../src/experiment/capabilities.js';
import { makePaths } from '../../src/experiment/paths.js';
import { readSystems } from '../../src/experiment/systems.js';
import { EXPERIMENT } from '../examples.js';
import { type FakeCapabilities, makeFakeBuild } from '../fakes/build.js';
import { MAIN } from '../places.js';

const SYSTEMS = readSystems(join(REPOSITORY, 'experiments', 'systems.yaml'));

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));
let builds = 0;

/** A build whose programs support everything but what is given. */
function buildWith(capabilities: Readonly<Record<string, FakeCapabilities>>): string {
  const build = join(folder, `build-${++builds}`);
  makeFakeBuild(build, {}, capabilities);
  return build;
}

function check(build: string, ...names: string[]): Promise<void> {
  const systems = SYSTEMS.filter(({ name }) => names.includes(name));
  assert.equal(systems.length, names.length);
  // Which every kernel can multiply.
  const axes = { ...EXPERIMENT.axes, values: ['integer'] as const };
  return checkCapabilities(makePaths(folder, { build }), { ...EXPERIMENT, systems, axes });
}

/** The program, what it supports, a system that needs more, one that does not, and the refusal. */
const LACKING: [string, FakeCapabilities, string, string, RegExp][] = [
  [
    'matmul-worker',
    { transports: ['tcp', 'tcp-text'] },
    'rpc-grpc',
    'rpc-tcp',
    /^UsageError: rpc-grpc: transport is 'grpc', which matmul-worker does not support; expected tcp or tcp-text \(\/.*\/matmul-worker --capabilities\)$/,
  ],
  [
    'load-generator',
    { kernels: ['naive', 'simd'] },
    'local-blas',
    'local',
    /^UsageError: local-blas: kernel is 'blas', which load-generator does not support; expected naive or simd /,
  ],
  [
    'load-generator',
    { codecs: ['json'] },
    'rest-wasm-binary',
    'rest-wasm',
    /^UsageError: rest-wasm-binary: codec is 'binary', which load-generator does not support; expected json /,
  ],
  [
    'load-generator',
    { transports: ['tcp'] },
    'rpc-http',
    'rpc-tcp',
    /^UsageError: rpc-http: transport is 'http', which load-generator does not support; expected tcp /,
  ],
  [
    'matmul-worker',
    { transports: ['tcp'] },
    'origin-http',
    'rpc-http',
    /^UsageError: origin-http: transport is 'tcp-text', which matmul-worker does not support; expected tcp /,
  ],
  [
    'swarm-worker',
    { codecs: [] },
    'rest-native',
    'rest-wasm',
    /^UsageError: rest-native: codec is 'json', which swarm-worker does not support; expected none /,
  ],
];

for (const [program, capabilities, lacking, able, message] of LACKING) {
  test(`${lacking} is refused where ${program} supports ${JSON.stringify(capabilities)}`, async () => {
    const build = buildWith({ [program]: capabilities });
    await check(build, able);
    await assert.rejects(check(build, able, lacking), message);
  });
}

test('a program that does not answer as it should is an error', async () => {
  const build = buildWith({ 'load-generator': { kernels: 'all' } });
  await assert.rejects(
    check(build, 'local'),
    /^Error: \S+load-generator --capabilities printed '\{"kernels":"all".*'; expected lists of kernels, codecs and transports as JSON$/,
  );
});

test('what is not built is not asked', () => check(join(folder, 'nothing'), 'local', 'rpc-grpc'));

/** ./run-experiment with these words. */
function experiment(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
}

const WITHOUT_GRPC = { 'matmul-worker': { transports: ['tcp', 'tcp-text'] } };
const PLAN = ['plan', 'overhead', '--systems', 'rpc-grpc', '--quick', '--build'];

test('run and plan refuse what the build does not support, before anything starts', () => {
  const build = buildWith(WITHOUT_GRPC);
  const run = ['run', ...PLAN.slice(1), build, '--out', join(folder, 'results')];
  for (const words of [[...PLAN, build], run]) {
    const { status, stdout, stderr } = experiment(...words);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /rpc-grpc: transport is 'grpc', which matmul-worker does not support/);
  }
});

test('plan works without a build, and with programs that know nothing of the question', () => {
  const without = experiment(...PLAN, join(folder, 'nothing'));
  assert.equal(without.status, 0, without.stderr);
  assert.equal(without.stderr, '');
  const odd = experiment(...PLAN, buildWith({ 'load-generator': { kernels: null } }));
  assert.equal(odd.status, 0, odd.stderr);
  assert.match(
    odd.stderr,
    /^Warning: not checked against the programs of .*--capabilities printed/,
  );
});

test('list shows the systems that the build does not support', () => {
  const { status, stdout } = experiment('list', '--build', buildWith(WITHOUT_GRPC));
  assert.equal(status, 0);
  const [, unsupported = ''] = stdout.split('\nNot supported by this build:\n');
  assert.match(unsupported, /^ {2}rpc-grpc: transport is 'grpc', which matmul-worker .*\n$/);
});
