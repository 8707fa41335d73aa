// WebSockets for a module's C++ (worker/host.h): whole binary messages, by the number of the socket.

import { putAnswer, putBytes } from './memory.js';
import { addressOf, exchange, noAnswer, subprotocols } from './requests.js';

const encoder = new TextEncoder();

/** Asks what the handshake of a WebSocket may have been answered. */
async function probe(target) {
  const common = { headers: '', body: [], timeoutMs: 10_000 };
  // Like the handshake, and unlike GET, this one brings the page's origin along, which may be refused.
  const answer = await exchange({ ...common, method: 'OPTIONS', target: '/health' });
  const isServed = answer.status >= 200 && answer.status < 300;
  return isServed ? exchange({ ...common, method: 'GET', target }) : answer;
}

/** What a module calls to open, use and close its sockets. It hears nothing more of a socket that it has closed. */
export function socketHost() {
  const sockets = new Map();

  function openSocket(module, host, id, target) {
    const socket = new WebSocket(addressOf(target).href.replace(/^http/, 'ws'), subprotocols);
    socket.binaryType = 'arraybuffer';
    let stood = false;

    function over(why) {
      sockets.delete(id);
      silence(socket);
      const bytes = encoder.encode(why);
      module._enxame_socket_closed(host, id, putBytes(module, bytes), bytes.length);
    }

    /** Browsers do not tell why: the answer to an ordinary request does. */
    async function notOpened() {
      const answer = await probe(target);
      if (sockets.get(id) !== socket) return; // closed meanwhile
      sockets.delete(id);
      silence(socket);
      const placed = putAnswer(module, answer) ?? putAnswer(module, noAnswer('no memory is left'));
      module._enxame_socket_not_opened(host, id, answer.status, ...placed);
    }

    socket.onopen = () => {
      stood = true;
      module._enxame_socket_opened(host, id);
    };
    socket.onmessage = ({ data }) => {
      const bytes = typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data);
      const address = putBytes(module, bytes);
      if (address !== 0) {
        module._enxame_socket_received(host, id, address, bytes.length);
      } else {
        socket.close();
        over(`a message of ${bytes.length} bytes is too large for this page's memory`);
      }
    };
    socket.onclose = ({ code, reason }) =>
      stood ? over(reason || `closed with code ${code}`) : notOpened();
    sockets.set(id, socket);
  }

  return {
    openSocket,
    sendMessage: (id, bytes) => sockets.get(id).send(bytes), // copied before it returns
    closeSocket: (id) => {
      const socket = sockets.get(id);
      sockets.delete(id);
      silence(socket);
      socket.close();
    },
  };
}

function silence(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
}
