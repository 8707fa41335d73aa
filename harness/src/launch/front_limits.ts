/** What the HTTP front must take for a cell, where that is more than it takes by itself. */
import type { Cell } from '../experiment/cells.js';
import {
  bodySizesOf,
  connectionsOfClients,
  OWN_BODY_BYTES,
  OWN_MEMORY_BYTES,
  tasksOf,
} from './body_sizes.js';

/** Texts that the front may have of what it received, and of its product, besides the body itself. */
const TEXTS = 3;

/** The flags with which matmul-server takes the requests of a cell. */
export function frontLimitFlags(cell: Cell): string[] {
  const { operands, text, body } = bodySizesOf(cell.n, 'json');
  const tasks = tasksOf(cell);
  const matrices = 3 * 8 * cell.n ** 2;
  const memory = tasks * (TEXTS * (operands + text) + matrices);
  const bodies = tasks * body;
  return [
    ...['--max-connections', String(connectionsOfClients(cell))],
    ...(body > OWN_BODY_BYTES ? ['--max-body', String(body)] : []),
    ...(bodies > OWN_BODY_BYTES ? ['--max-in-flight', String(bodies)] : []),
    ...(memory > OWN_MEMORY_BYTES ? ['--max-memory', String(memory)] : []),
  ];
}
