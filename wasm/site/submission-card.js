// The card of one submission.

import { matrixTable } from './matrix-table.js';

const template = document.getElementById('card');

/** A new card; `act` is called with the name of the button that was pressed. */
export function createCard(number, act) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.id = `submission-${number}`;
  card.addEventListener('click', (event) => {
    const action = event.target.dataset.action;
    if (action) act(action, event.target);
  });
  return card;
}

/** Shows a submission as the module describes it. */
export function updateCard(card, submission) {
  const { state, number, shapes } = submission;
  const isNew = card.dataset.state !== state;
  card.dataset.state = state;
  put(card, 'title', `${number}. ${shapes}`);
  for (const name of ['state', 'message', 'task', 'elapsed', 'worker', 'timing'])
    put(card, name, submission[name]);
  if (!isNew) return;
  showButtons(card, submission);
  showProduct(card, submission);
}

function showButtons(card, { state, mayRestart }) {
  const visible = {
    copy: state === 'completed' && isSecureContext,
    download: state === 'completed',
    again: mayRestart,
    dismiss: true,
  };
  for (const button of card.querySelectorAll('button'))
    button.hidden = !visible[button.dataset.action];
}

function showProduct(card, { preview, product, productBytes }) {
  const place = card.querySelector('[data-field=product]');
  place.hidden = preview.length === 0;
  const size = `${product}, ${productBytes.toLocaleString('en')} bytes of text`;
  place.replaceChildren(...(preview.length === 0 ? [] : [matrixTable(preview, size)]));
}

function put(card, name, text) {
  const element = card.querySelector(`[data-field=${name}]`);
  if (element.textContent !== text) element.textContent = text;
  const row = element.closest('dl > div');
  if (row) row.hidden = text === '';
}
