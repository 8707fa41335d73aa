import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circles } from '../../lint/circles.js';
import { offences, readRooms } from '../../lint/room_table.js';
import { oversized } from '../../lint/sizes.js';

const TABLE = [
  '# Architecture',
  '## The rooms, and who knows whom',
  '```',
  'net/          sockets               nobody',
  'http/         requests, answers     net',
  'http/server/  the server            net, http',
  '```',
].join('\n');

const found = (imports: Record<string, string[]>) =>
  offences(readRooms(TABLE), new Map(Object.entries(imports)));

test('a room may use itself and the rooms that it knows', () => {
  assert.deepEqual(
    found({
      'http/server/server.cc': ['http/server/server.h', 'http/message.h', 'net/stream.h'],
      'net/stream.cc': ['net/stream.h'],
    }),
    [],
  );
});

test('what goes against the direction is named, with both rooms', () => {
  assert.deepEqual(found({ 'http/fields.cc': ['http/server/server.h'] }), [
    'http/fields.cc uses http/server/server.h: http/ does not know http/server/',
  ]);
  assert.deepEqual(found({ 'net/stream.cc': ['http/message.h'] }), [
    'net/stream.cc uses http/message.h: net/ does not know http/',
  ]);
});

test('every source is in a room; tests may use anything', () => {
  assert.deepEqual(found({ 'rpc/channel.cc': [] }), ['rpc/channel.cc is in no room']);
  assert.deepEqual(found({ 'net/test/stream_test.cc': ['http/server/server.h'] }), []);
});

test('a table in which a room knows one that does not stand above it is refused', () => {
  const wrong = TABLE.replace('sockets               nobody', 'sockets               http');
  assert.throws(() => readRooms(wrong), /net\/ knows http\/, which is no room above it/);
  assert.throws(() => readRooms('# Architecture'), /there is no table/);
});

test('files that reach each other are a circle, whoever begins', () => {
  const imports = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', ['b.ts']],
    ['d.ts', []],
  ]);
  assert.deepEqual(circles(imports), [['b.ts', 'c.ts']]);
});

test('a long file and a full folder are named; a header and its source are one', () => {
  const lengths = new Map([['net/long.cc', 401]]);
  for (let i = 0; i < 25; ++i) lengths.set(`http/f${i}.cc`, 1).set(`http/f${i}.h`, 1);
  assert.deepEqual(oversized(lengths), [
    'net/long.cc has 401 lines, expected at most 400',
    'http/ has 25 sources, expected at most 24',
  ]);
});
