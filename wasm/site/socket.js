// WebSockets for a module's C++ (wasm/logic/edge.h): whole binary messages, by the number of the socket.

import { putBytes } from './memory.js';

const encoder = new TextEncoder();

/** What a module calls to open, use and close its sockets. It hears nothing more of a socket that it has closed. */
export function socketEdge() {
  const sockets = new Map();

  function openSocket(module, edge, id, target) {
    const socket = new WebSocket(self.location.origin.replace(/^http/, 'ws') + target);
    socket.binaryType = 'arraybuffer';
    let stood = false;

    function over(why) {
      sockets.delete(id);
      silence(socket);
      const bytes = encoder.encode(why);
      module._enxame_socket_closed(edge, id, putBytes(module, bytes), bytes.length);
    }

    socket.onopen = () => {
      stood = true;
      module._enxame_socket_opened(edge, id);
    };
    socket.onmessage = ({ data }) => {
      const bytes = typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data);
      const address = putBytes(module, bytes);
      if (address !== 0) {
        module._enxame_socket_received(edge, id, address, bytes.length);
      } else {
        socket.close();
        over(`a message of ${bytes.length} bytes is too large for this page's memory`);
      }
    };
    socket.onclose = ({ code, reason }) =>
      over(stood ? reason || `closed with code ${code}` : 'it could not be opened');
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
