// A Web Worker: tells the coordinator that the worker of its page is there, over a connection of its own, so that what that holds is
// renewed while it computes, and goes to another at once when the tab is closed or crashes. It is no part of the page's own thread, whose
// timers run once a minute in a tab that is hidden. Its query says for whom. The page tells it when the worker has stopped: it then ends
// its connection, which it may first have to make, since only the end of one gives back what the worker held.

import { addressOf, subprotocols } from './requests.js';

/** How often it says so, several times in the shortest lease that makes sense; a tab that is frozen does not. */
const PERIOD_MS = 1000;
/** A coordinator that is away is looked for as often; the worker itself says that it is. */
const PAUSE_MS = 1000;

/** A message of kind `keep` (wire/message.h): magic, version 1, kind 10, call 1, no payload. */
const WORD = new Uint8Array(64);
WORD.set(new TextEncoder().encode('ENXR'));
WORD[4] = 1;
WORD[6] = 10;
WORD[8] = 1;

let socket;
let workerHasStopped = false;

self.onmessage = () => {
  workerHasStopped = true;
  if (socket.readyState === WebSocket.OPEN) socket.close();
};
keep();

function keep() {
  const target = `/ws${self.location.search}&role=keeper`;
  socket = new WebSocket(addressOf(target).href.replace(/^http/, 'ws'), subprotocols);
  let stood = false;
  let timer;
  socket.onopen = () => {
    stood = true;
    if (workerHasStopped) return socket.close();
    socket.send(WORD);
    timer = setInterval(() => socket.send(WORD), PERIOD_MS);
  };
  socket.onclose = () => {
    clearInterval(timer);
    if (workerHasStopped && stood) self.close();
    else setTimeout(keep, PAUSE_MS);
  };
}
