// The edge between a module's C++ (worker/edge.h) and the browser: requests, timers and
// sockets, and nothing that decides anything.

import { putAnswer } from './memory.js';
import { exchange, noAnswer } from './requests.js';
import { socketEdge } from './socket.js';

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

function deliver(module, edge, id, answer) {
  const placed = putAnswer(module, answer);
  if (placed !== undefined) {
    module._enxame_answer(edge, id, answer.status, ...placed);
  } else {
    const size = answer.bytes.length;
    deliver(module, edge, id, noAnswer(`one of ${size} bytes, too large for this page's memory`));
  }
}
