import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowValuesOf } from '../../src/experiment/axis_rows.js';
import { cellsOf } from '../../src/experiment/cells.js';
import { makeExperiment } from '../../src/experiment/experiment.js';
import type { Fault } from '../../src/experiment/faults.js';
import type { ExperimentFile } from '../../src/experiment/file.js';
import { SYSTEMS } from '../examples.js';

const KILL: Fault = { at_s: 1, kind: 'kill', of: 'w1' };

function make(faults: Record<string, Fault[]>, change: Partial<ExperimentFile> = {}) {
  const file: ExperimentFile = {
    question: 'What happens when something fails?',
    systems: ['rpc-tcp', 'rest-wasm'],
    axes: { workers: 2, faults: ['none', ...Object.keys(faults)] },
    repetition: { duration_s: 10 },
    faults,
    ...change,
  };
  return makeExperiment('toy', file, {}, SYSTEMS, 1, (path) => path.join('.'));
}

const keysOf = (...args: Parameters<typeof make>) => cellsOf(make(...args)).map(({ key }) => key);

test('each plan makes a cell of the systems that can take it, and rows name it', () => {
  const plans = { kill: [KILL], restart: [{ ...KILL, of: 'server', restart_after_s: 2 }] };
  assert.deepEqual(keysOf(plans), [
    'rpc-tcp w2 faults=none',
    'rpc-tcp w2 faults=kill',
    'rest-wasm w2 faults=none',
    'rest-wasm w2 faults=kill',
    'rest-wasm w2 faults=restart',
  ]);
  const [, second] = cellsOf(make(plans));
  assert.equal(second && rowValuesOf(second).faults, 'kill');
});

test('a plan that no system can take is refused, with the reason', () => {
  const slow: Fault = { at_s: 1, kind: 'slow', of: 'w1', for_s: 2, share: 0.5 };
  assert.deepEqual(keysOf({ slow: [slow] }), [
    'rpc-tcp w2 faults=none',
    'rpc-tcp w2 faults=slow',
    'rest-wasm w2 faults=none',
  ]);
  assert.throws(
    () => keysOf({ slow: [slow] }, { systems: ['rest-wasm'] }),
    /^UsageError: faults 'slow' is not supported by rest-wasm: slow: its workers are tabs; expected programs$/,
  );
  assert.throws(
    () => keysOf({ kill: [KILL] }, { systems: ['local'] }),
    /faults 'kill' is not supported by local: its workers are threads of the load generator/,
  );
});

test('without plans nothing is done, and no cell says so', () => {
  const none = make({}, { axes: { workers: 2 } });
  assert.deepEqual(none.axes.faults, ['none']);
  assert.deepEqual(
    cellsOf(none).map(({ key }) => key),
    ['rpc-tcp w2', 'rest-wasm w2'],
  );
});

test('what is wrong with a plan is told where it is', () => {
  const told = (fault: Fault, change?: Partial<ExperimentFile>) => () =>
    make({ plan: [KILL, fault] }, change);
  const cases: [Fault, RegExp][] = [
    [{ at_s: 1, kind: 'kill' }, /: kill needs whom it is done to; expected of: w1 or server$/],
    [{ at_s: 1, kind: 'freeze', of: 'w1' }, /: freeze needs for_s$/],
    [{ ...KILL, for_s: 3 }, /: kill has no for_s$/],
    [{ at_s: 1, kind: 'burst', of: 'w1', for_s: 1, count: 4 }, /: burst cannot be done to w1$/],
    [
      { ...KILL, of: 'w3' },
      /: kill is done to w3, and some cells have 2 workers; expected w1 to w2$/,
    ],
    [{ ...KILL, restart_after_s: 9 }, /: it ends 10 s after .* which is 10 s long; expected/],
  ];
  for (const [fault, reason] of cases) {
    assert.throws(told(fault), (error: Error) => {
      assert.match(error.message, /^faults\.plan\.1: /);
      assert.match(error.message, reason);
      return true;
    });
  }
});

test('plans that are not there, and names that cannot be in a key, are refused', () => {
  assert.throws(
    () => make({ kill: [KILL] }, { axes: { workers: 2, faults: ['kil'] } }),
    /^UsageError: axes\.faults: there is no plan 'kil'; expected none, kill; did you mean 'kill'\?$/,
  );
  assert.throws(() => make({ 'a b': [KILL] }), /faults\.a b: 'a b' is not a valid name of a plan/);
  assert.throws(() => make({ none: [KILL] }), /'none' is not a valid name of a plan/);
});
