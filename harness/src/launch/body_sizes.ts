/** How large the bodies of a cell may be, for the limits of the servers that take them. */
import { type Cell, inFlightOf } from '../experiment/cells.js';
import type { Codec } from '../experiment/systems.js';

const MIB = 2 ** 20;
/** What a server takes by itself (coordinator/README.md), on a machine with 2 GiB of memory. */
export const OWN_BODY_BYTES = 256 * MIB;
export const OWN_MEMORY_BYTES = 1024 * MIB;

/** As text: `-1.7976931348623157e+308,`, the brackets of its row, and what is around all rows. */
const TEXT_BYTES_OF_A_NUMBER = 25;
const TEXT_BYTES_OF_A_ROW = 3;
export const BYTES_AROUND = 1024;

/** In an open load, the requests that the load generator has in flight at most, by default. */
const MOST_IN_FLIGHT = 256;

/** In bytes. */
export interface BodySizes {
  /** Both of them. */
  readonly operands: number;
  /** Of the text of a product. */
  readonly text: number;
  /** The larger one, with what is around it. */
  readonly body: number;
}

export function bodySizesOf(n: number, codec: Codec): BodySizes {
  const text = (TEXT_BYTES_OF_A_NUMBER * n + TEXT_BYTES_OF_A_ROW) * n;
  const operands = 2 * (codec === 'json' ? text : 8 * n ** 2);
  return { operands, text, body: Math.max(text, operands) + BYTES_AROUND };
}

/**
 * Tasks that a server has at a time. Of an open load, as many as are in flight while it warms up: what
 * comes beyond is its overload.
 */
export function tasksOf(cell: Cell): number {
  return inFlightOf(cell) ?? cell.workers;
}

/** Connections: one per request in flight, and some for the harness's own questions. */
export function connectionsOfClients(cell: Cell): number {
  return (inFlightOf(cell) ?? MOST_IN_FLIGHT) + 64;
}
