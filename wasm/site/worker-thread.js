// The Web Worker of worker.html: loads the module, starts the loop in it, and tells the page what it shows.

import { loadGuest } from './guest.js';
import { browserHost } from './host.js';
import { withTexts } from './memory.js';
import { reporter } from './reporting.js';
import { explain } from './trouble.js';
import { filesOfModule, loadWorkerModule } from './worker-module.js';

self.addEventListener('unhandledrejection', (event) => crash(event, event.reason));
self.addEventListener('error', (event) => crash(event, event.error ?? event.message));

function crash(event, reason) {
  event.preventDefault(); // the page need not guess at it as well
  stop('The worker has stopped. Reload the page to start it again.', reason);
}

function stop(message, reason) {
  postMessage(JSON.stringify({ state: 'stopped', message, 'last-error': String(reason) }));
}

async function start() {
  let worker = 0;
  const report = reporter(() => postMessage(module.UTF8ToString(module._worker_view(worker))));
  const createModule = await loadWorkerModule(self.location.search);
  const guest = await loadGuest(self.location.search);
  const module = await createModule({
    guest,
    host: browserHost(() => report(module._worker_state(worker))),
  });

  worker = withTexts(module, [self.location.search], module._worker_create);
  report(module._worker_state(worker));
  module._worker_start(worker);
}

// What is thrown while a module worker begins never reaches its page by itself.
await start().catch(async (error) =>
  stop(await explain(error, filesOfModule(self.location.search)), error),
);
