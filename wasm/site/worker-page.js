// worker.html: starts the Web Worker with the page's own query, and shows what it says.

const worker = new Worker(`worker-thread.js${location.search}`, { type: 'module' });
worker.addEventListener('message', (event) => show(JSON.parse(event.data)));
worker.addEventListener('error', (event) => {
  show({
    state: 'stopped',
    message: 'The worker could not start. Reload the page to try again.',
    'last-error': event.message ?? 'its script could not be loaded',
  });
});

/** Puts each text into the element of that id. */
function show({ state, contactAgeMs, ...texts }) {
  document.body.dataset.state = state;
  put('state', state);
  for (const [id, text] of Object.entries(texts)) put(id, text);
  if (contactAgeMs !== undefined)
    put('last-contact', new Date(Date.now() - contactAgeMs).toLocaleTimeString());
  if (texts['worker-id']) document.title = `${texts['worker-id']} · Enxame worker`;
}

function put(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}
