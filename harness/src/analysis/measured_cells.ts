import { type Cell, cellsOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Launch } from '../stats/launch.js';
import type { LaunchOfCell } from './summary.js';

/** A cell that has valid launches, and those. */
export interface MeasuredCell {
  readonly cell: Cell;
  readonly launches: readonly Launch[];
}

/** In the order of the experiment. */
export function measuredCells(
  experiment: Experiment,
  valid: readonly LaunchOfCell[],
): MeasuredCell[] {
  return cellsOf(experiment).flatMap((cell) => {
    const launches = valid.filter(({ row }) => row.cell === cell.key).map(({ launch }) => launch);
    return launches.length === 0 ? [] : [{ cell, launches }];
  });
}
