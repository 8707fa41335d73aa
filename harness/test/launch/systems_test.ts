import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { AXES } from '../../src/experiment/axes.js';
import { isOfSystem, valueIn } from '../../src/experiment/axis.js';
import {
  connectionsOf,
  problemOf,
  readSystems,
  type System,
  topologyOf,
} from '../../src/experiment/systems.js';
import { readYaml } from '../../src/experiment/yaml_file.js';

const FOLDER = join(REPOSITORY, 'experiments');
const SYSTEMS = readSystems(join(FOLDER, 'systems.yaml'));

const NAMES = [
  ...['local', 'local-blas', 'rpc-tcp', 'rpc-http', 'rpc-grpc', 'ws-native', 'ws-wasm'],
  ...['rest-native-binary', 'rest-native', 'rest-wasm-binary', 'rest-wasm'],
  ...['origin-rest', 'origin-rpc', 'origin-http'],
];

test('the systems that are compared are all there', () => {
  const names = SYSTEMS.map(({ name }) => name);
  for (const name of NAMES) assert.ok(names.includes(name), `no ${name} in ${names}`);
});

function named(name: string): System {
  return SYSTEMS.find((system) => system.name === name) ?? assert.fail(`no ${name}`);
}

/** The fields in which two systems differ; what a system does not say is its default. */
function choicesBetween(one: System, other: System): string[] {
  return AXES.filter(isOfSystem)
    .filter((axis) => valueIn(axis, { system: one }) !== valueIn(axis, { system: other }))
    .map(({ name }) => name);
}

/** Each step of the ablation, and the fields that differ: more than one only where one brings the others. */
const STEPS: [from: string, to: string, choices: string[]][] = [
  ['rpc-tcp', 'ws-native', ['topology', 'transport']],
  ['ws-native', 'rest-native-binary', ['transport', 'dispatch', 'collection']],
  ['rest-native-binary', 'rest-native', ['codec']],
  ['rest-native', 'rest-wasm', ['engine', 'kernel']],
  ['rest-wasm', 'rest-wasm-naive', ['kernel']],
  ['rest-wasm-naive', 'rest-wasm-polling', ['dispatch']],
  ['rest-wasm-polling', 'rest-wasm-polled', ['collection']],
  ['rest-wasm-polled', 'origin-rest', ['connections']],
];

test('the ablation goes from rpc-tcp to origin-rest one choice at a time', () => {
  const { value } = readYaml<{ systems: string[] }>(join(FOLDER, 'ablation.yaml'), 'experiment');
  assert.deepEqual(
    value.systems,
    ['rpc-tcp', ...STEPS.map(([, to]) => to)],
    'the order of ablation.yaml is that of its steps',
  );
  for (const [from, to, choices] of STEPS) {
    assert.deepEqual(choicesBetween(named(from), named(to)), choices, `${from} to ${to}`);
  }
});

test('a system behind the HTTP front differs in nothing else from one whose client calls the workers', () => {
  for (const [front, direct] of [
    ['rpc-http', 'rpc-tcp'],
    ['origin-http', 'origin-rpc'],
  ] as const) {
    assert.deepEqual(choicesBetween(named(front), named(direct)), ['topology']);
    assert.equal(topologyOf(named(front)), 'front');
  }
});

test('a system that does not say its topology has that of its transport', () => {
  const topologies = ['local', 'rpc-tcp', 'rpc-grpc', 'origin-rpc', 'rest-wasm', 'ws-native'];
  assert.deepEqual(
    topologies.map((name) => topologyOf(named(name))),
    ['in-process', 'direct', 'direct', 'direct', 'relayed', 'relayed'],
  );
});

test('clients keep their connections to a front or not, whatever it has to its workers', () => {
  for (const name of ['rpc-http', 'origin-http']) {
    const { connections: _, ...silent } = named(name);
    assert.equal(connectionsOf(silent), 'kept');
    for (const connections of ['kept', 'per-request'] as const) {
      assert.equal(problemOf({ ...silent, connections }), undefined, `${name} ${connections}`);
    }
  }
});

const GOOD = 'x: {engine: browser, transport: rest, codec: json, kernel: simd, dispatch: poll}';
const TCP = 'x: {engine: native, transport: tcp, codec: binary, kernel: simd, dispatch: push}';
const WRONG: [what: string, text: string, message: RegExp][] = [
  [
    'a list',
    '- local',
    /systems\.yaml:1:1: the file: \["local"\] is not valid; expected fields with values/,
  ],
  [
    'a system that is a word',
    'x: fast',
    /systems\.yaml:1:4: x: "fast" is not valid; expected fields/,
  ],
  [
    'an unknown engine',
    GOOD.replace('browser', 'steam'),
    /systems\.yaml:1:13: x\.engine: "steam" is not valid; expected native or browser/,
  ],
  ['a missing field', GOOD.replace('codec: json, ', ''), /1:4: x: .*'codec'/],
  [
    'an unknown field',
    GOOD.replace('codec', 'codek'),
    /x\.codek: there is no such field; expected codec, collection, connections, dispatch/,
  ],
  ['no YAML', 'x: {engine: [', /systems\.yaml:\d+:\d+: /],
  [
    'TCP to a browser',
    TCP.replace('native', 'browser'),
    /1:4: x: engine of transport tcp is 'browser'; expected native: a page cannot listen/,
  ],
  [
    'a front of workers that ask',
    GOOD.replace('}', ', topology: front}'),
    /topology of transport rest is 'front'; expected relayed: its workers know nobody but a coord/,
  ],
  [
    'a coordinator of workers that are called',
    TCP.replace('}', ', topology: relayed}'),
    /topology of transport tcp is 'relayed'; expected direct or front: its workers are called/,
  ],
  [
    'a front of browsers',
    TCP.replace('native', 'browser').replace('}', ', topology: front}'),
    /engine of transport tcp is 'browser'; expected native: a page cannot listen on a socket/,
  ],
  [
    'a codec that the transport lacks',
    GOOD.replace('json', 'none'),
    /codec of transport rest is 'none'; expected json or binary: a body is text or frames/,
  ],
  [
    'text over TCP',
    TCP.replace('binary', 'json'),
    /codec of transport tcp is 'json'; expected binary: .* text over TCP is transport tcp-text/,
  ],
  [
    'polling over WebSocket',
    GOOD.replace('rest', 'ws').replace('json', 'binary'),
    /dispatch of transport ws is 'poll'; expected push: tasks that workers ask for are transport rest/,
  ],
  [
    'collecting what is the answer',
    TCP.replace('}', ', collection: poll}'),
    /collection of transport tcp is 'poll'; expected none: the product is the answer to the call/,
  ],
  [
    'a connection per call over TCP',
    TCP.replace('}', ', connections: per-request}'),
    /connections of transport tcp is 'per-request'; expected kept: .* transport tcp-text/,
  ],
  [
    "the original's calls over connections that stay",
    TCP.replace('tcp', 'tcp-text').replace('binary', 'json'),
    /connections of transport tcp-text is 'kept'; expected per-request: its protocol ends a call/,
  ],
  [
    'BLAS in a browser',
    GOOD.replace('simd', 'blas'),
    /kernel of engine browser is 'blas'; expected origin or naive or .* or relaxed-wide: blas is a native library/,
  ],
  [
    'relaxed SIMD outside WebAssembly',
    TCP.replace('simd', 'relaxed'),
    /kernel of engine native is 'relaxed'; expected .*: relaxed SIMD exists only in WebAssembly/,
  ],
];

for (const [what, text, message] of WRONG) {
  test(`${what} is refused with the place, what was expected and why`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'systems.yaml');
    for (const good of [GOOD, TCP]) {
      writeFileSync(path, good);
      assert.equal(readSystems(path).length, 1);
    }
    writeFileSync(path, text);
    assert.throws(() => readSystems(path), message);
  });
}
