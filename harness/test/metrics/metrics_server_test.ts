import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, beforeEach, test } from 'node:test';
import { Counter, Registry } from 'prom-client';
import { UsageError } from '../../src/base/errors.js';
import { Relay } from '../../src/metrics/relay.js';
import { MetricsServer } from '../../src/metrics/server.js';

/** A program with a page of metrics, which it answers with this status. */
function startProgram(page: string, status = 200): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => response.writeHead(status).end(page));
  programs.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/metrics`, server });
    });
  });
}

const programs: Server[] = [];
const PAGE = '# TYPE a_total counter\na_total 1\n';
let relay: Relay;
let metrics: MetricsServer;

beforeEach(async () => {
  const registry = new Registry();
  new Counter({ name: 'b_total', help: 'B.', registers: [registry] });
  relay = new Relay();
  metrics = await MetricsServer.start(0, registry, relay);
});
afterEach(() => metrics.close());
after(() => {
  for (const program of programs) program.close();
});

const get = (path: string, method = 'GET') => fetch(`http://${metrics.address}${path}`, { method });

test('its own metrics are at /metrics, and the first to ask is noticed', async () => {
  const response = await get('/metrics?a=b');
  assert.match(response.headers.get('Content-Type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^b_total 0$/m);
  await metrics.firstScrape;
});

test('the programs of a job are added up under the cell, as long as they run', async () => {
  const [one, two] = await Promise.all([startProgram(PAGE), startProgram(PAGE)]);
  assert.equal(await (await get('/metrics/workers')).text(), '');
  relay.watch('workers', [one.url, two.url], { system: 's', workers: 2 });
  const page = await (await get('/metrics/workers')).text();
  assert.match(page, /^a_total\{system="s",workers="2"\} 2$/m);
  assert.equal(await (await get('/metrics/coordinator')).text(), '');
  relay.forget('workers');
  assert.equal(await (await get('/metrics/workers')).text(), '');
});

test('a sum that lacks a program is not given', async () => {
  const [good, bad] = await Promise.all([startProgram(PAGE), startProgram('busy', 500)]);
  relay.watch('workers', [good.url, bad.url], {});
  const response = await get('/metrics/workers');
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), {
    error: `GET ${bad.url} was answered with status 500: busy`,
  });
  const gone = await startProgram(PAGE);
  gone.server.closeAllConnections();
  await new Promise((resolve) => gone.server.close(resolve));
  relay.watch('workers', [good.url, gone.url], {});
  assert.equal((await get('/metrics/workers')).status, 503);
});

test('other paths and methods are refused with what is expected', async () => {
  for (const path of ['/', '/metrics/', '/metrics/tasks', '/metrics/__proto__']) {
    const response = await get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /expected one of \/metrics, /);
  }
  const posted = await get('/metrics', 'POST');
  assert.equal(posted.status, 405);
  assert.equal(posted.headers.get('Allow'), 'GET, HEAD');
  assert.equal((await get('/metrics', 'HEAD')).status, 200);
});

test('a port that is taken is named', async () => {
  const port = Number(metrics.address.split(':')[1]);
  await assert.rejects(MetricsServer.start(port, new Registry(), relay), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, new RegExp(`^--metrics-port ${port}: .*EADDRINUSE`));
    return true;
  });
});
