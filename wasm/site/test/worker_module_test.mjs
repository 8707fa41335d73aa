// Which build of the worker a browser gets: worker-module.js beside stand-ins for the two modules.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const folder = await mkdtemp(join(tmpdir(), 'worker-module-'));
after(() => rm(folder, { recursive: true }));
await copyFile(new URL('../worker-module.js', import.meta.url), join(folder, 'worker-module.js'));
await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
await writeFile(join(folder, 'enxame-worker.js'), 'export default "plain";');
await writeFile(join(folder, 'enxame-worker-relaxed.js'), 'export default "relaxed";');
const { filesOfModule, loadWorkerModule } = await import(
  pathToFileURL(join(folder, 'worker-module.js'))
);

/** What is loaded for a query; this Node has relaxed SIMD (cmake/emscripten.cmake sees to that). */
const CASES = [
  ['', 'relaxed'],
  ['?workerId=w1&codec=binary', 'relaxed'],
  ['?kernel=relaxed', 'relaxed'],
  ['?kernel=relaxed-wide', 'relaxed'],
  ['?kernel=simd', 'plain'],
  ['?codec=json&kernel=naive', 'plain'],
];

for (const [query, expected] of CASES) {
  test(`'${query}' loads the ${expected} module`, async () => {
    assert.equal(await loadWorkerModule(query), expected);
  });
}

test('without relaxed SIMD every query loads the plain module', async (context) => {
  context.mock.method(WebAssembly, 'validate', () => false);
  for (const [query] of CASES) assert.equal(await loadWorkerModule(query), 'plain');
});

test('without WebAssembly, of which the page tells then, the plain module is looked for', (context) => {
  const { WebAssembly: own } = globalThis;
  context.after(() => {
    globalThis.WebAssembly = own;
  });
  globalThis.WebAssembly = undefined;
  assert.deepEqual(filesOfModule('?kernel=relaxed'), ['enxame-worker.js', 'enxame-worker.wasm']);
});
