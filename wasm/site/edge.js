// The edge between a module's C++ (wasm/logic/edge.h) and the browser: requests, timers and
// sockets, and nothing that decides anything.

import { putBytes } from './memory.js';
import { socketEdge } from './socket.js';

const encoder = new TextEncoder();

/** What a module calls (wasm/browser/imports.js); `changed` is called when there is something new to show. */
export function browserEdge(changed) {
  return {
    ...socketEdge(),
    changed,
    send: (module, edge, id, request) =>
      exchange(request).then((answer) => deliver(module, edge, id, answer)),
    after: (module, edge, id, delayMs) => setTimeout(() => module._enxame_fire(edge, id), delayMs),
  };
}

/** Sends one request; an answer that does not come is one with status 0 that says why. */
async function exchange({ method, target, headers, body, timeoutMs }) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`nothing within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await fetch(target, {
      method,
      headers: toPairs(headers),
      body: body.length > 0 ? body : undefined, // copied by fetch before it returns
      cache: 'no-store',
      redirect: 'error',
      signal: controller.signal,
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: toLines(response.headers), bytes };
  } catch (error) {
    return noAnswer(error.message);
  } finally {
    clearTimeout(timer);
  }
}

function deliver(module, edge, id, answer) {
  const body = putBytes(module, answer.bytes);
  if (body === 0) {
    const size = answer.bytes.length;
    deliver(module, edge, id, noAnswer(`one of ${size} bytes, too large for this page's memory`));
    return;
  }
  const headers = encoder.encode(answer.headers);
  module._enxame_answer(
    edge,
    id,
    answer.status,
    putBytes(module, headers),
    headers.length,
    body,
    answer.bytes.length,
  );
}

function noAnswer(reason) {
  return { status: 0, headers: '', bytes: encoder.encode(reason) };
}

function toPairs(lines) {
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(': ', 2));
}

function toLines(headers) {
  return [...headers].map(([name, value]) => `${name}: ${value}\n`).join('');
}
