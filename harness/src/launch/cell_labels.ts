import { AXES } from '../experiment/axes.js';
import { type Axis, valueIn } from '../experiment/axis.js';
import type { Cell } from '../experiment/cells.js';

/** What series say of the cell that is measured; a type, so that it goes for any set of labels. */
export type CellLabels = Readonly<{ system: string; workers: number }>;

/** A value that makes another system of it (flags of a browser) follows its name. */
export function labelsOf(cell: Cell, axes: readonly Axis[] = AXES): CellLabels {
  const others = axes.flatMap((axis) => axis.label?.(valueIn(axis, cell)) ?? []);
  return { system: [cell.system.name, ...others].join(' '), workers: cell.workers };
}
