// Tells the coordinator that this page is there, from the page's own thread and over a connection of its own: what the worker holds is
// renewed while it computes, and goes to another at once when the tab is closed or crashes.

import { addressOf, subprotocols } from './requests.js';

/** How often it says so; a page that is frozen does not. */
const PERIOD_MS = 2000;
/** A coordinator that is away is looked for as often; the worker itself says that it is. */
const PAUSE_MS = 1000;

/** A message of kind `keep` (wire/message.h): magic, version 1, kind 10, call 1, no payload. */
const WORD = new Uint8Array(64);
WORD.set(new TextEncoder().encode('ENXR'));
WORD[4] = 1;
WORD[6] = 10;
WORD[8] = 1;

/** A name that no other page has. */
export function newKeeper() {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Keeps what a worker claims under the keeper's name, and tells who that worker is. */
export function keep(worker) {
  const query = new URLSearchParams({ role: 'keeper', ...worker });
  const socket = new WebSocket(addressOf(`/ws?${query}`).href.replace(/^http/, 'ws'), subprotocols);
  let timer;
  socket.onopen = () => {
    socket.send(WORD);
    timer = setInterval(() => socket.send(WORD), PERIOD_MS);
  };
  socket.onclose = () => {
    clearInterval(timer);
    setTimeout(() => keep(worker), PAUSE_MS);
  };
}
