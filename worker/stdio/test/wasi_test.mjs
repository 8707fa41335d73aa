// stdio-worker.wasm under Node: what it needs of its runtime, and what it answers. CTest runs this in the preset `wasi`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const wasm = process.env.STDIO_WORKER;
const runner = fileURLToPath(new URL('../wasi.mjs', import.meta.url));

const kinds = { multiply: 1, product: 2, refused: 3, failed: 4 };
const headBytes = 64;

/** A message of wire/message.h. */
function message(kind, callId, payload) {
  const head = Buffer.alloc(headBytes);
  head.write('ENXR');
  head.writeUInt16LE(1, 4);
  head.writeUInt16LE(kind, 6);
  head.writeBigUInt64LE(BigInt(callId), 8);
  head.writeBigUInt64LE(BigInt(payload.length), 16);
  return Buffer.concat([head, payload]);
}

/** A frame of matmul/codec/binary_codec.h, of f64. */
function frame(rows) {
  const values = rows.flat();
  const bytes = Buffer.alloc(headBytes + Math.ceil(values.length / 8) * 64);
  bytes.write('ENXM');
  bytes.writeUInt16LE(1, 4);
  bytes.writeUInt16LE(1, 6);
  bytes.writeBigUInt64LE(BigInt(rows.length), 8);
  bytes.writeBigUInt64LE(BigInt(rows[0].length), 16);
  bytes.writeBigUInt64LE(BigInt(values.length * 8), 24);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, headBytes + 8 * i);
  return bytes;
}

function multiply(callId, a, b) {
  return message(kinds.multiply, callId, Buffer.concat([frame(a), frame(b)]));
}

/** The messages in `bytes`. */
function messagesIn(bytes) {
  const messages = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at + 16));
    const payload = bytes.subarray(at + headBytes, at + headBytes + length);
    messages.push({ kind: bytes.readUInt16LE(at + 6), callId: Number(bytes.readBigUInt64LE(at + 8)), payload });
    at += headBytes + length;
  }
  return messages;
}

/** Runs the worker on that input to its end. */
async function answersTo(input) {
  const child = spawn(process.execPath, ['--no-warnings', runner, wasm], { stdio: 'pipe' });
  const out = [];
  const err = [];
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => err.push(chunk));
  child.stdin.on('error', () => {}); // it has ended, which its status tells
  child.stdin.end(input);
  const [status, signal] = await once(child, 'close');
  return { status, signal, messages: messagesIn(Buffer.concat(out)), err: Buffer.concat(err).toString() };
}

const valuesOf = (product, count) =>
  Array.from({ length: count }, (_, i) => product.payload.readDoubleLE(2 * headBytes + 8 * i));

test('it imports six functions of WASI preview 1, and nothing else', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(wasm)));
  assert.deepEqual(imports.map(({ module, name }) => `${module}.${name}`).sort(), [
    'wasi_snapshot_preview1.clock_time_get',
    'wasi_snapshot_preview1.fd_close',
    'wasi_snapshot_preview1.fd_read',
    'wasi_snapshot_preview1.fd_seek',
    'wasi_snapshot_preview1.fd_write',
    'wasi_snapshot_preview1.proc_exit',
  ]);
});

test('it multiplies until its input ends', async () => {
  const large = Array.from({ length: 100 }, (_, i) => Array.from({ length: 100 }, (_, j) => (i === j ? 2 : 0)));
  const ended = await answersTo(
    Buffer.concat([
      multiply(1, [[1, 2], [3, 4]], [[5, 6], [7, 8]]),
      multiply(2, large, large),
      multiply(9, [[1, 2]], [[3], [4]]),
    ]),
  );
  assert.deepEqual([ended.status, ended.signal, ended.err], [0, null, '']);
  assert.deepEqual(ended.messages.map(({ kind, callId }) => [kind, callId]), [
    [kinds.product, 1],
    [kinds.product, 2],
    [kinds.product, 9],
  ]);
  const [small, diagonal, dot] = ended.messages;
  assert.deepEqual(valuesOf(small, 4), [19, 22, 43, 50]);
  assert.deepEqual(valuesOf(diagonal, 102), [4, ...Array(100).fill(0), 4]);
  assert.deepEqual(valuesOf(dot, 1), [11]);
});

test('it refuses what has no product, or one beyond all bounds, and goes on', async () => {
  const long = Array(65_536).fill(1); // of whose square a number of 32 bits knows nothing
  const { messages } = await answersTo(
    Buffer.concat([
      multiply(1, [[1, 2]], [[3, 4]]),
      multiply(2, long.map((one) => [one]), [long]),
      multiply(3, [[2]], [[3]]),
    ]),
  );
  assert.deepEqual(messages.map(({ kind }) => kind), [kinds.refused, kinds.refused, kinds.product]);
  assert.equal(messages[0].payload.toString(), '1 × 2 times 1 × 2 has no product');
  assert.equal(messages[1].payload.toString(), 'no matrix can be as large as the product, 65536 × 65536');
});

test('anything else ends it, with a word about it', async () => {
  const ended = await answersTo(Buffer.from('GET / HTTP/1.1\r\n'.padEnd(headBytes)));
  assert.notEqual(ended.status, 0);
  assert.match(ended.err, /ended by a C\+\+ exception of type .*ProtocolError/);
});
