// worker.html: starts the Web Worker with the page's own query, and shows what it says.

import { watchCrowd } from './crowd.js';
import { explain, sayWhenLate } from './trouble.js';

/** What the Web Worker is made of before it can say by itself what is wrong. */
const SCRIPTS = [
  'worker-thread.js',
  ...['host.js', 'memory.js', 'reporting.js', 'requests.js', 'socket.js', 'worker-module.js'],
];

/** After which the keeper's script is asked for again. */
const KEEPER_PAUSE_MS = 1000;

/** Under which the worker claims its tasks; no other page has it. */
const keeper = [...crypto.getRandomValues(new Uint8Array(12))]
  .map((byte) => byte.toString(16).padStart(2, '0'))
  .join('');

/** Beside this page's own thread and the worker's, once that has a name. */
let keeperThread;
let isKept = false;
let workerHasStopped = false;
let crowdIsWatched = false;
let awaySince;
let violation;

document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  violation = `Content Security Policy: ${effectiveDirective} blocks ${blockedURI}`;
});

addEventListener('error', ({ error, message }) => stop(error ?? message));
addEventListener('unhandledrejection', ({ reason }) => stop(reason));
sayWhenLate(document.getElementById('message'), () => document.body.dataset.state === 'starting');
put('clock', clockInWords());
startWorker();

function startWorker() {
  const query = `${location.search || '?'}${location.search.length > 1 ? '&' : ''}keeper=${keeper}`;
  const worker = startThread('worker-thread.js', query);
  worker.addEventListener('message', (event) => {
    const told = JSON.parse(event.data);
    show(told);
    if (told.state === 'stopped') end(worker);
  });
  worker.addEventListener('error', async ({ message }) => {
    if (document.body.dataset.state !== 'starting') return; // it says by itself what is wrong
    const reason = violation ?? message ?? 'its script could not be loaded';
    show({
      state: 'stopped',
      message: `The worker could not start. ${await explain(reason, SCRIPTS)}`,
      'last-error': reason,
    });
  });
}

/** Starts a Web Worker of this page, with the hash of its address, which may have a token. */
function startThread(script, query) {
  const address = new URL(`${script}${query}${location.hash}`, import.meta.url);
  return new Worker(address, { type: 'module' });
}

/** A worker that has stopped holds no task any longer, which its keeper tells the coordinator, at once or as soon as it can. */
function end(worker) {
  worker.terminate();
  workerHasStopped = true;
  keeperThread?.postMessage('stopped');
}

function keep(worker) {
  if (isKept) return;
  isKept = true;
  startKeeper(`?${new URLSearchParams({ keeper, ...worker })}`);
}

/** A script that does not come, because the coordinator is away, is asked for again. */
function startKeeper(query) {
  const thread = startThread('keeper.js', query);
  keeperThread = thread;
  const again = () => {
    thread.terminate();
    setTimeout(startKeeper, KEEPER_PAUSE_MS, query);
  };
  thread.addEventListener('error', again, { once: true });
  if (workerHasStopped) thread.postMessage('stopped');
}

function stop(reason) {
  const message = 'This page has stopped showing its worker. Reload it.';
  show({ state: 'stopped', message, 'last-error': String(reason) });
}

/** Puts each text into the element of that id. */
function show({ state, coordinator, dispatch, kernel, contactAgeMs, ...texts }) {
  document.body.dataset.state = state;
  if (coordinator) showCoordinator(coordinator);
  put('state', state);
  for (const [id, text] of Object.entries(texts)) put(id, text);
  if (contactAgeMs !== undefined)
    put('last-contact', new Date(Date.now() - contactAgeMs).toLocaleTimeString());
  if (texts['worker-id']) {
    document.title = `${texts['worker-id']} · Enxame worker`;
    keep({ workerId: texts['worker-id'], engine: 'browser', kernel });
  }
  if (dispatch === 'long-poll' && !crowdIsWatched) {
    crowdIsWatched = true;
    watchCrowd(true, (text) => put('crowd', text));
  }
}

/** That it is away, or back: then also whether it was restarted. */
function showCoordinator(coordinator) {
  document.body.dataset.coordinator = coordinator;
  if (coordinator === 'away') {
    awaySince ??= performance.now();
    put('absence', '');
  }
  if (coordinator !== 'reachable' || awaySince === undefined) return;
  const awayMs = performance.now() - awaySince;
  awaySince = undefined;
  tellAbsence(awayMs);
}

async function tellAbsence(awayMs) {
  const { afterAbsence } = await import('./restart.js');
  put('absence', await afterAbsence(awayMs));
}

function put(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}

/** How exact the times are that the worker returns, and what would make them better. */
function clockInWords() {
  if (crossOriginIsolated) return 'ticks at 5 µs';
  const coarse = 'ticks at 100 µs only, so short phases are coarse:';
  if (!isSecureContext)
    return `${coarse} this page came over http from another machine. Open it over https, or from http://localhost through a tunnel (ssh -L ${location.port || 80}:localhost:${location.port || 80} ${location.hostname}).`;
  return `${coarse} the headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy of the coordinator did not arrive. A proxy in between removes them; have it pass them on.`;
}
