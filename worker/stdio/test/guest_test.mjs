// guest_test.mjs STDIO-WORKER.WASM: the module as a tab runs it, asked one message at a time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Guest } from '../../../wasm/site/guest.js';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));

function frame(n, value) {
  const bytes = Buffer.alloc(64 + Math.ceil((8 * n * n) / 64) * 64);
  bytes.write('ENXM');
  bytes.writeUInt16LE(1, 4);
  bytes.writeUInt16LE(1, 6);
  bytes.writeBigUInt64LE(BigInt(n), 8);
  bytes.writeBigUInt64LE(BigInt(n), 16);
  bytes.writeBigUInt64LE(BigInt(8 * n * n), 24);
  for (let i = 0; i < n * n; ++i) bytes.writeDoubleLE(value, 64 + 8 * i);
  return bytes;
}

function ask(guest, callId, n, a, b) {
  const payload = [frame(n, a), frame(n, b)];
  const header = Buffer.alloc(64);
  header.write('ENXR');
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(1, 6);
  header.writeBigUInt64LE(BigInt(callId), 8);
  header.writeBigUInt64LE(BigInt(payload[0].length + payload[1].length), 16);
  const [head, product] = [Buffer.alloc(192), Buffer.alloc(8 * n * n)];
  const came = guest.answer([header, ...payload], [head, product]);
  return { came, kind: head.readUInt16LE(6), callId: Number(head.readBigUInt64LE(8)), first: product.readDoubleLE(0) };
}

const warn = console.warn;
const guest = new Guest(module);
for (const [callId, n] of [[1, 1], [2, 30], [3, 2], [4, 300]]) {
  const length = 64 + 64 + 64 + Math.ceil((8 * n * n) / 64) * 64;
  assert.deepEqual(ask(guest, callId, n, 3, 7), { came: length, kind: 2, callId, first: 21 * n });
}
// One that ends has another in its place.
const warned = [];
console.warn = (...words) => warned.push(words.join(' '));
assert.equal(guest.answer([Buffer.from('GET / HTTP/1.1\r\n'.padEnd(64))], [Buffer.alloc(192)]), -1);
console.warn = warn;
assert.match(warned.join('\n'), /exception|unreachable|exit status/);
assert.equal(ask(guest, 5, 2, 1, 1).first, 2);
