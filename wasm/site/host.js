// The host between a module's C++ (worker/host.h) and the browser: requests, timers and
// sockets, and nothing that decides anything.

import { putAnswer } from './memory.js';
import { exchange, noAnswer } from './requests.js';
import { socketHost } from './socket.js';

/** What a module calls (wasm/browser/imports.js); `changed` is called when there is something new to show. */
export function browserHost(changed) {
  return {
    ...socketHost(),
    changed,
    send: (module, host, id, request) =>
      exchange(request).then((answer) => deliver(module, host, id, answer)),
    after: (module, host, id, delayMs) => setTimeout(() => module._enxame_fire(host, id), delayMs),
  };
}

function deliver(module, host, id, answer) {
  const placed = putAnswer(module, answer);
  if (placed !== undefined) {
    module._enxame_answer(host, id, answer.status, ...placed);
  } else {
    const size = answer.bytes.length;
    deliver(module, host, id, noAnswer(`one of ${size} bytes, too large for this page's memory`));
  }
}
