// The workers that the coordinator knows.

const table = document.getElementById('workers');
const none = document.getElementById('no-workers');
let shown = '';

export function showWorkers(workers) {
  const text = JSON.stringify(workers);
  if (text === shown) return;
  shown = text;
  table.hidden = workers.length === 0;
  none.hidden = workers.length > 0;
  table.tBodies[0].replaceChildren(...workers.map(toRow));
}

function toRow({ id, state, seen, completed }) {
  const row = document.createElement('tr');
  row.dataset.state = state;
  for (const text of [id, state, seen, completed]) row.insertCell().textContent = text;
  return row;
}
