// The Web Worker of worker.html: loads the module, starts the loop in it, and tells the page what it shows.

import { browserEdge } from './edge.js';
import { withTexts } from './memory.js';
import { reporter } from './reporting.js';
import { loadWorkerModule } from './worker-module.js';

self.addEventListener('unhandledrejection', (event) => stop(event.reason));
self.addEventListener('error', (event) => stop(event.error ?? event.message));

function stop(reason) {
  postMessage(
    JSON.stringify({
      state: 'stopped',
      message: 'The worker has stopped. Reload the page to start it again.',
      'last-error': String(reason),
    }),
  );
}

let worker = 0;
const report = reporter(() => postMessage(module.UTF8ToString(module._worker_view(worker))));
const createModule = await loadWorkerModule(self.location.search);
const module = await createModule({
  edge: browserEdge(() => report(module._worker_state(worker))),
});

worker = withTexts(module, [self.location.search], module._worker_create);
report(module._worker_state(worker));
module._worker_start(worker);
