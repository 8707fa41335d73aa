// Texts and bytes on their way into and out of a module's memory.

const encoder = new TextEncoder();

/** Copies `bytes` into the module's memory, where C++ frees them; returns their address, or 0 when there is no room. */
export function putBytes(module, bytes) {
  const address = module._malloc(Math.max(bytes.length, 1));
  if (address !== 0) module.HEAPU8.set(bytes, address);
  return address;
}

/** Copies the headers and the body of an answer, whose addresses and lengths it returns; undefined when there is no room. */
export function putAnswer(module, { headers, bytes }) {
  const lines = encoder.encode(headers);
  const body = putBytes(module, bytes);
  if (body === 0) return undefined;
  return [putBytes(module, lines), lines.length, body, bytes.length];
}

/** Calls `act` with the address and the length of each text, and frees them afterwards. */
export function withTexts(module, texts, act) {
  const passed = texts
    .map((text) => encoder.encode(text))
    .map((bytes) => [putBytes(module, bytes), bytes.length]);
  try {
    if (passed.some(([address]) => address === 0))
      throw new RangeError("The text is too large for this page's memory.");
    return act(...passed.flat());
  } finally {
    for (const [address] of passed) module._free(address);
  }
}
