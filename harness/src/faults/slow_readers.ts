import { connect, type Socket } from 'node:net';
import type { Inject } from './handles.js';

/** More than the buffers of both sockets hold of their answers. */
const REQUESTS_EACH = 2_000;

/** Connections that ask the server for its metrics again and again, and never read an answer. */
export const slowReaders: Inject = async ({ fault, handles, lasts }) => {
  const { hostname, port, host } = new URL(handles.server());
  const ask = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(REQUESTS_EACH);
  const sockets = Array.from({ length: fault.count ?? 1 }, (): Socket => {
    const socket = connect(Number(port), hostname);
    // The server may well have enough of them.
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(ask);
    return socket;
  });
  await lasts(fault.for_s ?? 0);
  for (const socket of sockets) socket.destroy();
};
