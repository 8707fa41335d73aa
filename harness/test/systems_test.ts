import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSystems } from '../src/experiment/systems.js';

test('the systems of this project are local, rpc-tcp and rest-wasm', () => {
  const path = fileURLToPath(new URL('../../../experiments/systems.yaml', import.meta.url));
  const systems = readSystems(path);
  assert.deepEqual(
    systems.map(({ name, engine, transport }) => [name, engine, transport]),
    [
      ['local', 'native', 'inproc'],
      ['rpc-tcp', 'native', 'tcp'],
      ['rest-wasm', 'browser', 'rest'],
    ],
  );
});

const GOOD = 'x: {engine: browser, transport: rest, codec: json, kernel: simd, dispatch: poll}';
const WRONG: [what: string, text: string, message: RegExp][] = [
  ['a list', '- local', /systems\.yaml:1:1: the file: \["local"\] must be object/],
  ['a system that is a word', 'x: fast', /systems\.yaml:1:4: x: "fast" must be object/],
  [
    'an unknown engine',
    GOOD.replace('browser', 'steam'),
    /systems\.yaml:1:13: x\.engine: "steam" is not expected; expected native or browser/,
  ],
  ['a missing field', GOOD.replace('codec: json, ', ''), /1:4: x: .*'codec'/],
  [
    'an unknown field',
    GOOD.replace('codec', 'codek'),
    /x\.codek: there is no such field; expected codec, dispatch/,
  ],
  ['no YAML', 'x: {engine: [', /systems\.yaml:\d+:\d+: /],
  [
    'REST to native workers',
    GOOD.replace('browser', 'native'),
    /1:4: x: engine of transport rest is 'native'; expected browser/,
  ],
  [
    'a codec that the transport lacks',
    GOOD.replace('json', 'none'),
    /codec of transport rest is 'none'; expected json or binary/,
  ],
  ['BLAS in a browser', GOOD.replace('simd', 'blas'), /kernel of engine browser is 'blas'/],
];

for (const [what, text, message] of WRONG) {
  test(`${what} is refused with the place and what was expected`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'systems.yaml');
    writeFileSync(path, GOOD);
    assert.equal(readSystems(path).length, 1);
    writeFileSync(path, text);
    assert.throws(() => readSystems(path), message);
  });
}
