// How a page shows the token of its address: requests.js and socket.js under a browser's globals.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const TOKEN = 'a1-._~b2c3d4e5f6';
const REQUEST = { method: 'GET', target: '/stats', headers: 'Accept: a\n', body: [], timeoutMs: 1000 };

const folder = await mkdtemp(join(tmpdir(), 'token-'));
after(() => rm(folder, { recursive: true }));
await writeFile(join(folder, 'package.json'), '{ "type": "module" }');

/** The scripts as a page whose address ends with `hash` has them, each time loaded again. */
async function scriptsOf(hash) {
  const page = await mkdtemp(join(folder, 'page-'));
  for (const name of ['requests.js', 'socket.js', 'memory.js'])
    await copyFile(new URL(`../${name}`, import.meta.url), join(page, name));
  globalThis.self = { location: { hash } };
  const load = (name) => import(pathToFileURL(join(page, name)));
  return { ...(await load('requests.js')), ...(await load('socket.js')) };
}

/** The fields of a request that such a page sends. */
async function fieldsOf(hash, context) {
  let fields;
  context.mock.method(globalThis, 'fetch', async (_, { headers }) => {
    fields = headers;
    return new Response('');
  });
  const { exchange } = await scriptsOf(hash);
  await exchange(REQUEST);
  return fields;
}

/** The subprotocols that it offers for a WebSocket. */
async function subprotocolsOf(hash, context) {
  const { WebSocket: own } = globalThis;
  context.after(() => {
    globalThis.WebSocket = own;
  });
  let offered;
  globalThis.WebSocket = class {
    constructor(_, subprotocols) {
      offered = subprotocols;
    }
  };
  const { socketHost } = await scriptsOf(hash);
  socketHost().openSocket({}, 0, 1, '/ws?role=worker');
  return offered;
}

test('a token is shown in Authorization, and to WebSockets as a subprotocol', async (context) => {
  for (const hash of [`#token=${TOKEN}`, `#x=y&token=${TOKEN}`]) {
    assert.deepEqual(await fieldsOf(hash, context), [
      ['Accept', 'a'],
      ['Authorization', `Bearer ${TOKEN}`],
    ]);
    assert.deepEqual(await subprotocolsOf(hash, context), ['enxame', `bearer.${TOKEN}`]);
  }
});

test('without a token, or with what cannot be one, nothing is shown', async (context) => {
  for (const hash of ['', '#', '#top', '#token=', '#token=short', `#token=${TOKEN}%20x`]) {
    assert.deepEqual(await fieldsOf(hash, context), [['Accept', 'a']], hash);
    assert.deepEqual(await subprotocolsOf(hash, context), [], hash);
  }
});
