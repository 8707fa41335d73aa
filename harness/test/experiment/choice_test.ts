import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { choiceBetween } from '../../src/experiment/choice.js';
import { readSystems, type System } from '../../src/experiment/systems.js';

const KNOWN = readSystems(join(REPOSITORY, 'experiments', 'systems.yaml'));

function system(name: string, changed: Partial<System> = {}): System {
  return { ...(KNOWN.find((each) => each.name === name) as System), ...changed };
}

/** The choice, and all fields that differ. */
function between(one: System, other: System): [string, string[]] | undefined {
  const found = choiceBetween(one, other);
  return found && [found.choice, Object.keys(found.differs)];
}

test('systems that differ in one field differ in that choice', () => {
  assert.deepEqual(choiceBetween(system('rest-native'), system('rest-native-binary')), {
    choice: 'codec',
    differs: { codec: ['json', 'binary'] },
  });
  assert.deepEqual(between(system('local-blas'), system('local')), ['kernel', ['kernel']]);
  assert.deepEqual(between(system('rpc-grpc'), system('rpc-tcp')), ['transport', ['transport']]);
  assert.deepEqual(between(system('origin-rest'), system('rest-wasm-polled')), [
    'connections',
    ['connections'],
  ]);
  assert.equal(between(system('rpc-tcp'), system('rpc-tcp')), undefined);
});

test('the vectorised loop is that of the engine, and both are named; another loop is another choice', () => {
  assert.deepEqual(choiceBetween(system('rest-wasm'), system('rest-native')), {
    choice: 'engine',
    differs: { engine: ['browser', 'native'], kernel: ['relaxed', 'simd'] },
  });
  const same = system('rest-wasm', { kernel: 'simd' });
  assert.deepEqual(between(same, system('rest-native')), ['engine', ['engine']]);
  assert.equal(between(system('rest-wasm-naive'), system('rest-native')), undefined);
});

test('a loop that both engines have is a choice of its own', () => {
  assert.equal(between(system('ws-native'), system('ws-process-128')), undefined);
  assert.deepEqual(between(system('ws-process'), system('ws-process-128')), ['kernel', ['kernel']]);
  assert.deepEqual(between(system('ws-wasi-node'), system('ws-process-128')), [
    'engine',
    ['engine', 'kernel'],
  ]);
});

test('what neither system could have otherwise follows from the choice, and is named', () => {
  const [, differing = []] = between(system('rest-native-binary'), system('ws-native')) ?? [];
  assert.deepEqual(differing, ['transport', 'dispatch', 'collection']);
  const found = choiceBetween(system('rest-native-binary'), system('ws-native'));
  assert.deepEqual(found?.differs['collection'], ['long-poll', null]);
  assert.ok(between(system('rpc-tcp'), system('local'))?.[1].includes('codec'));
  // A relay is not called a transport.
  assert.deepEqual(between(system('ws-native'), system('rpc-tcp')), [
    'topology',
    ['topology', 'transport'],
  ]);
  assert.deepEqual(between(system('rpc-http'), system('rpc-tcp')), ['topology', ['topology']]);
});

test('two choices are none', () => {
  // Over REST frames would have been possible.
  assert.equal(between(system('rest-native'), system('ws-native')), undefined);
  assert.equal(between(system('rest-native'), system('rpc-tcp')), undefined);
  assert.equal(between(system('rest-wasm'), system('rest-native-binary')), undefined);
  // A WebSocket has native workers, too.
  assert.equal(between(system('ws-wasm'), system('rpc-tcp')), undefined);
  // So would have been a long poll of the client.
  const polled = system('rest-native-binary', { collection: 'poll' });
  assert.equal(between(polled, system('ws-native')), undefined);
  assert.deepEqual(between(polled, system('rest-native-binary')), ['collection', ['collection']]);
});

test('a limit is a choice beside the engine that lacks it, and beside no other', () => {
  const limited = system('ws-wasi-wasmtime-fuel');
  assert.deepEqual(between(limited, system('ws-wasi-wasmtime')), ['engine', ['engine']]);
  for (const name of ['ws-wasi-wasmedge', 'ws-wasi-wasmtime-epochs', 'ws-process-128']) {
    assert.equal(between(limited, system(name)), undefined, name);
  }
});

test('it makes no difference which of the two comes first', () => {
  for (const one of KNOWN) {
    for (const other of KNOWN) {
      assert.deepEqual(between(one, other), between(other, one), `${one.name}, ${other.name}`);
    }
  }
});
