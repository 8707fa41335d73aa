import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  firstOfProduct,
  lengthOfAnswer,
  multiplyMessage,
} from '../../src/probing/multiply_message.js';

test('a message is a header and two frames, each padded to 64 bytes', () => {
  const message = multiplyMessage(7, 3, 1.5, -2);
  assert.equal(message.length, 64 + 2 * (64 + 128));
  assert.equal(message.toString('latin1', 0, 4), 'ENXR');
  assert.equal(message.readBigUInt64LE(8), 7n);
  assert.equal(message.readBigUInt64LE(16), BigInt(message.length - 64));
  assert.equal(message.toString('latin1', 64, 68), 'ENXM');
  assert.deepEqual([message.readDoubleLE(128), message.readDoubleLE(128 + 8 * 8)], [1.5, 1.5]);
  assert.equal(message.readDoubleLE(128 + 8 * 9), 0);
  assert.equal(message.readDoubleLE(64 + 192 + 64), -2);
});

test('an answer is as long as it says, and its first element is where the frame begins', () => {
  const answer = Buffer.alloc(64 + 64 + 64 + 64);
  answer.write('ENXR');
  answer.writeUInt16LE(2, 6);
  answer.writeBigUInt64LE(BigInt(answer.length - 64), 16);
  answer.writeDoubleLE(21, 192);
  assert.equal(lengthOfAnswer(answer.subarray(0, 63)), undefined);
  assert.equal(lengthOfAnswer(answer.subarray(0, 64)), answer.length);
  assert.equal(firstOfProduct(answer), 21);
  answer.writeUInt16LE(3, 6);
  assert.equal(firstOfProduct(answer), undefined);
});
