import { AXES } from '../experiment/axes.js';
import { conditionsOf } from '../experiment/cells.js';
import { type Choice, choiceBetween } from '../experiment/choice.js';
import type { Experiment } from '../experiment/experiment.js';
import { measuredCells } from './measured_cells.js';
import { type Ratios, ratiosOf } from './ratios.js';
import type { LaunchOfCell } from './summary.js';

/** What one choice makes of a request: two cells under the same conditions that differ in it. */
export interface CellContrast extends Choice, Ratios {
  readonly cell: string;
  /** The cell whose system, or variant of it, comes first in the experiment. */
  readonly over: string;
}

/**
 * Every pair of cells whose systems differ in one choice (experiment/choice.ts) and that were measured
 * under the same conditions, paired by block. By choice, in the order of the axes, then by systems and
 * conditions in the order of the experiment.
 */
export function contrastCells(
  experiment: Experiment,
  valid: readonly LaunchOfCell[],
): CellContrast[] {
  const measured = measuredCells(experiment, valid).map((one) => ({
    ...one,
    conditions: conditionsOf(one.cell),
  }));
  const contrasts = measured.flatMap(({ cell, launches, conditions }, i) =>
    measured.slice(0, i).flatMap((other) => {
      if (other.conditions !== conditions) return [];
      const choice = choiceBetween(cell.system, other.cell.system);
      if (choice === undefined) return [];
      const ratios = ratiosOf(other.launches, launches);
      return [{ ...choice, cell: cell.key, over: other.cell.key, ...ratios }];
    }),
  );
  return AXES.flatMap(({ name }) => contrasts.filter(({ choice }) => choice === name));
}
