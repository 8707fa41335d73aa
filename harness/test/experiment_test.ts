import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/errors.js';
import { inFlightFor, makeExperiment } from '../src/experiment/experiment.js';
import { parseFlags } from '../src/flags.js';
import { SYSTEMS } from './examples.js';

function make(...argv: string[]) {
  const flags = parseFlags(argv, () => undefined);
  assert.ok(flags);
  return makeExperiment(flags, SYSTEMS, 42);
}

test('defaults are three launches of ten seconds; --quick is one of two; flags go before both', () => {
  assert.deepEqual([make().launches, make().duration_s, make().seed], [3, 10, 42]);
  assert.deepEqual([make('--quick').launches, make('--quick').duration_s], [1, 2]);
  const own = make('--quick', '--launches', '5', '--duration', '1', '--seed', '0', '--n', '9');
  assert.deepEqual([own.launches, own.duration_s, own.seed, own.n], [5, 1, 0, 9]);
});

test('all systems are measured unless some are named', () => {
  assert.deepEqual(
    make().systems.map((system) => system.name),
    ['local', 'rpc-tcp', 'rest-wasm'],
  );
  assert.deepEqual(
    make('--systems', 'rest-wasm,local').systems.map((system) => system.name),
    ['rest-wasm', 'local'],
  );
});

test('--codec changes the systems that have a choice, --kernel all of them', () => {
  const systems = make('--codec', 'binary', '--kernel', 'naive').systems;
  assert.deepEqual(
    systems.map((system) => [system.codec, system.kernel]),
    [
      ['none', 'naive'],
      ['binary', 'naive'],
      ['binary', 'naive'],
    ],
  );
  assert.equal(make('--codec', 'json').systems[1]?.codec, 'binary');
});

test('what cannot be done as asked is a usage error that says why', () => {
  assert.throws(
    () => make('--systems', 'lokal'),
    /no system 'lokal'; expected some of local, rpc-tcp/,
  );
  assert.throws(() => make('--kernel', 'blas'), /rest-wasm.*'blas' is native only/);
  assert.throws(() => make('--codec', 'json', '--systems', 'local'), UsageError);
});

test('a request in flight per worker, unless a number was given', () => {
  assert.equal(inFlightFor(make(), 3), 3);
  assert.equal(inFlightFor(make('--in-flight', '8'), 3), 8);
});
