/** What a coordinator must take for a cell, where that is more than it takes by itself. */
import { type Cell, inFlightOf } from '../experiment/cells.js';

const MIB = 2 ** 20;
/** What a coordinator takes by itself (coordinator/README.md), on a machine with 2 GiB of memory. */
const OWN_BODY_BYTES = 256 * MIB;
const OWN_STORED_BYTES = 1024 * MIB;

/** As text: `-1.7976931348623157e+308,`, the brackets of its row, and what is around all rows. */
const TEXT_BYTES_OF_A_NUMBER = 25;
const TEXT_BYTES_OF_A_ROW = 3;
const BYTES_AROUND = 1024;

/** In an open load, the requests that the load generator has in flight at most, by default. */
const MOST_IN_FLIGHT = 256;

/**
 * Connections: Chromium's limit of six per page, one per request in flight, and some for the
 * harness's own questions.
 */
export function connectionsFor(cell: Cell): number {
  return 6 * cell.workers + (inFlightOf(cell) ?? MOST_IN_FLIGHT) + 64;
}

/**
 * The flags with which a coordinator takes the bodies and the tasks of a cell with large matrices.
 * It accepts a task only if its product fits into a body as text, whatever its codec.
 */
export function sizeFlags(cell: Cell): string[] {
  const text = (TEXT_BYTES_OF_A_NUMBER * cell.n + TEXT_BYTES_OF_A_ROW) * cell.n;
  const operands = 2 * (cell.system.codec === 'json' ? text : 8 * cell.n ** 2);
  const body = Math.max(text, operands) + BYTES_AROUND;
  // Of an open load, as many as are in flight while it warms up: what comes beyond is its overload.
  const tasks = inFlightOf(cell) ?? cell.workers;
  const stored = tasks * (operands + text + BYTES_AROUND);
  // On its way to the coordinator, or from there, at each client and each worker.
  const bodies = 2 * (tasks + cell.workers) * body;
  return [
    ...(body > OWN_BODY_BYTES ? ['--max-body', String(body)] : []),
    ...(bodies > OWN_BODY_BYTES ? ['--max-in-flight', String(bodies)] : []),
    ...(stored > OWN_BODY_BYTES
      ? ['--max-stored', String(Math.max(stored, OWN_STORED_BYTES))]
      : []),
  ];
}
