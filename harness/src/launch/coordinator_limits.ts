/** What a coordinator must take for a cell, where that is more than it takes by itself. */
import type { Cell } from '../experiment/cells.js';
import {
  BYTES_AROUND,
  bodySizesOf,
  connectionsOfClients,
  OWN_BODY_BYTES,
  OWN_MEMORY_BYTES,
  tasksOf,
} from './body_sizes.js';

/** Connections: those of clients, and Chromium's limit of six per page, beside its keeper. */
export function connectionsFor(cell: Cell): number {
  return 7 * cell.workers + connectionsOfClients(cell);
}

/**
 * The flags with which a coordinator takes the bodies and the tasks of a cell with large matrices.
 * It accepts a task only if its product fits into a body as text, whatever its codec.
 */
export function sizeFlags(cell: Cell): string[] {
  const { operands, text, body } = bodySizesOf(cell.n, cell.system.codec);
  const tasks = tasksOf(cell);
  const stored = tasks * (operands + text + BYTES_AROUND);
  // On its way to the coordinator, or from there, at each client and each worker.
  const bodies = 2 * (tasks + cell.workers) * body;
  return [
    ...(body > OWN_BODY_BYTES ? ['--max-body', String(body)] : []),
    ...(bodies > OWN_BODY_BYTES ? ['--max-in-flight', String(bodies)] : []),
    ...(stored > OWN_BODY_BYTES
      ? ['--max-stored', String(Math.max(stored, OWN_MEMORY_BYTES))]
      : []),
  ];
}
