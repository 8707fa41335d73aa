// An abbreviated matrix as a table.

/** `rows` is a list of lists of texts, as the module abbreviates a matrix. */
export function matrixTable(rows, caption) {
  const table = document.createElement('table');
  table.className = 'matrix';
  table.createCaption().textContent = caption;
  const body = table.createTBody();
  for (const row of rows) {
    const cells = body.insertRow();
    for (const value of row) cells.insertCell().textContent = value;
  }
  return table;
}
