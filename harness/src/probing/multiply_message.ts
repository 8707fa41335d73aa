/** A `multiply` message and its answer, as docs/wire.md has them: enough to ask an engine for a product. */

const HEADER_BYTES = 64;
const FRAME_HEADER_BYTES = 64;
const PHASES_BYTES = 64;
const PRODUCT = 2;

/** The product of two n × n matrices, the first of `a` alone and the second of `b`. */
export function multiplyMessage(callId: number, n: number, a: number, b: number): Buffer {
  const payload = Buffer.concat([frameOf(n, a), frameOf(n, b)]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('ENXR');
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(1, 6);
  header.writeBigUInt64LE(BigInt(callId), 8);
  header.writeBigUInt64LE(BigInt(payload.length), 16);
  return Buffer.concat([header, payload]);
}

function frameOf(n: number, value: number): Buffer {
  const bytes = 8 * n * n;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + Math.ceil(bytes / 64) * 64);
  frame.write('ENXM');
  frame.writeUInt16LE(1, 4);
  frame.writeUInt16LE(1, 6);
  frame.writeBigUInt64LE(BigInt(n), 8);
  frame.writeBigUInt64LE(BigInt(n), 16);
  frame.writeBigUInt64LE(BigInt(bytes), 24);
  for (let at = 0; at < bytes; at += 8) frame.writeDoubleLE(value, FRAME_HEADER_BYTES + at);
  return frame;
}

/** How long the answer is that these bytes begin; undefined while that cannot be told. */
export function lengthOfAnswer(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  return HEADER_BYTES + Number(bytes.readBigUInt64LE(16));
}

/** The first element of the product that an answer has; undefined where it is no product. */
export function firstOfProduct(answer: Buffer): number | undefined {
  const at = HEADER_BYTES + PHASES_BYTES + FRAME_HEADER_BYTES;
  if (answer.toString('latin1', 0, 4) !== 'ENXR' || answer.readUInt16LE(6) !== PRODUCT) {
    return undefined;
  }
  return answer.length >= at + 8 ? answer.readDoubleLE(at) : undefined;
}
