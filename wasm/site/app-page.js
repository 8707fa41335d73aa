// index.html: hands what a person does to the module, and shows what the module says.

import { watchCrowd } from './crowd.js';
import { browserHost } from './host.js';
import { withTexts } from './memory.js';
import { createCard, updateCard } from './submission-card.js';
import { explain, sayWhenLate } from './trouble.js';
import { showWorkers } from './worker-table.js';

const TICK_MS = 250; // how often the elapsed times move

const element = (id) => document.getElementById(id);
const valuesOf = (...ids) => ids.map((id) => element(id).value);
const cards = new Map();
let due = false;
let stopped = false;

addEventListener('error', ({ error, message }) => stop(error ?? message));
addEventListener('unhandledrejection', ({ reason }) => stop(reason));
sayWhenLate(element('coordinator'), () => element('submit').disabled && !stopped);
watchCrowd(false, (text) => {
  element('crowd').textContent = text;
});

const module = await load();
const app = module._app_create();
const say = (address) => module.UTF8ToString(address);

element('submit').disabled = false;
element('open-worker').hash = location.hash; // a token may be both a client's and a worker's
element('form').addEventListener('submit', submit);
for (const id of ['a', 'b']) element(id).addEventListener('input', check);
for (const id of ['mode-typed', 'mode-generated'])
  element(id).addEventListener('change', chooseMode);
chooseMode(); // a reload keeps what was chosen and typed
setInterval(() => {
  if (
    document.querySelector(
      '.card:is([data-state=submitting], [data-state=pending], [data-state=processing])',
    )
  )
    show();
}, TICK_MS);

async function load() {
  try {
    const { default: createModule } = await import('./enxame-app.js');
    return await createModule({ host: browserHost(showSoon) });
  } catch (error) {
    const reason = await explain(error, ['enxame-app.js', 'enxame-app.wasm']);
    stop(error, `The page's module could not be loaded: ${reason}`);
    throw error;
  }
}

/** Shows why nothing goes on; what is told first is the cause of the rest. */
function stop(reason, text = `This page has stopped: ${reason?.message ?? reason}. Reload it.`) {
  if (stopped) return;
  stopped = true;
  document.body.dataset.coordinator = 'stopped';
  element('coordinator').textContent = text;
  element('submit').disabled = true;
}

function isTyped() {
  return element('mode-typed').checked;
}

function chooseMode() {
  element('typed').hidden = !isTyped();
  element('generated').hidden = isTyped();
  element('together').textContent = '';
  element('problem').textContent = '';
  if (isTyped()) check();
}

function check() {
  const text = withTexts(module, valuesOf('a', 'b'), (...texts) =>
    say(module._app_check(app, ...texts)),
  );
  const found = JSON.parse(text);
  for (const name of ['a', 'b']) {
    element(`${name}-check`).textContent = found[name];
    element(name).setAttribute('aria-invalid', String(!found[`${name}-ok`]));
  }
  element('together').textContent = found.together;
  element('together').dataset.ready = String(found.ready);
  element('problem').textContent = '';
}

function submit(event) {
  event.preventDefault();
  const problem = isTyped()
    ? withTexts(module, valuesOf('a', 'b'), (...texts) =>
        say(module._app_submit_typed(app, ...texts)),
      )
    : withTexts(module, valuesOf('rows', 'inner', 'cols', 'seed'), (...texts) =>
        say(module._app_submit_generated(app, ...texts)),
      );
  element('problem').textContent = problem;
}

/** Several changes in one turn are shown once. */
function showSoon() {
  if (due) return;
  due = true;
  queueMicrotask(show);
}

function show() {
  due = false;
  if (stopped) return;
  const view = JSON.parse(say(module._app_view(app)));
  document.body.dataset.coordinator = view.coordinator;
  if (element('coordinator').textContent !== view.message)
    element('coordinator').textContent = view.message;
  showWorkers(view.workers);
  showSubmissions(view.submissions);
}

function showSubmissions(submissions) {
  element('nothing').hidden = submissions.length > 0;
  for (const submission of submissions) {
    const { number } = submission;
    if (!cards.has(number)) {
      cards.set(
        number,
        createCard(number, (action, button) => act(action, number, button)),
      );
      element('submissions').prepend(cards.get(number));
    }
    updateCard(cards.get(number), submission);
  }
  const present = new Set(submissions.map(({ number }) => number));
  for (const [number, card] of cards) {
    if (present.has(number)) continue;
    card.remove();
    cards.delete(number);
  }
}

async function act(action, number, button) {
  if (action === 'again') module._app_submit_again(app, number);
  if (action === 'dismiss') module._app_dismiss(app, number);
  if (action === 'download') download(number);
  if (action === 'copy') {
    const copying = navigator.clipboard.writeText(say(module._app_product(app, number)));
    button.textContent = await copying.then(
      () => 'Copied',
      () => 'Not copied: the browser does not allow it',
    );
  }
}

function download(number) {
  const text = say(module._app_product(app, number));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `product-${number}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
