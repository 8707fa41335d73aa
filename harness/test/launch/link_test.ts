import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Link, targetOf } from '../../src/launch/parts/link.js';

/** A link to a server that sends back what it gets. */
async function linkToEcho(t: TestContext): Promise<Link> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const link = await Link.open({ host: '127.0.0.1', port });
  t.after(async () => {
    await link.close();
    server.close();
  });
  return link;
}

async function connected(link: Link): Promise<Socket> {
  const { host, port } = targetOf(link.address);
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = await once(socket, 'data');
  return String(bytes);
}

test('bytes pass through a link both ways, and its end ends the connection', async (t) => {
  const link = await linkToEcho(t);
  const socket = await connected(link);
  assert.equal(await echo(socket, 'hello'), 'hello');
  socket.end();
  await once(socket, 'close');
});

test('a cut resets connections and has others refused, until it is mended', async (t) => {
  const link = await linkToEcho(t);
  const socket = await connected(link);
  assert.equal(await echo(socket, 'hello'), 'hello');
  const reset = once(socket, 'error');
  await link.cut();
  const [error] = await reset;
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET');
  await assert.rejects(connected(link), { code: 'ECONNREFUSED' });
  await link.mend();
  const again = await connected(link);
  assert.equal(await echo(again, 'again'), 'again');
  again.destroy();
});

test('where nobody listens behind it, a connection is reset', async (t) => {
  const link = await linkToEcho(t);
  const nowhere = await Link.open(targetOf('http://127.0.0.1:1'));
  t.after(() => nowhere.close());
  const { host, port } = targetOf(nowhere.address);
  const socket = connect(port, host);
  await assert.rejects(once(socket, 'end'), { code: 'ECONNRESET' });
  assert.match(link.address, /^127\.0\.0\.1:\d+$/);
});
