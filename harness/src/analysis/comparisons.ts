import { type Cell, workloadOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { contrast, pOfDifference } from '../stats/contrast.js';
import { holm } from '../stats/holm.js';
import { type MeasuredCell, measuredCells } from './measured_cells.js';
import { type Ratios, ratiosOf } from './ratios.js';
import type { LaunchOfCell } from './summary.js';

/** The probability with which any verdict of a run may be wrong. */
const ALPHA = 0.05;

/** How a cell compares with that of the experiment's system `over` under the same conditions. */
export interface CellComparison extends Ratios {
  readonly cell: string;
  /** The cell of the system `over`. */
  readonly over: string;
  /** Of no difference in median response times, adjusted for all comparisons of the run. */
  readonly p?: number;
  /**
   * On median response times; `unsure`: the launches are too few, or differ too much from each
   * other. Absent where nothing was tested.
   */
  readonly verdict?: 'faster' | 'slower' | 'unsure';
}

/**
 * Compares every cell with that of the experiment's system `over` (of its first variant that has a
 * valid launch) under the same conditions, paired by block. The family over which Holm's correction
 * holds is all of the cells that are returned. In the order of the experiment.
 */
export function compareCells(
  experiment: Experiment,
  valid: readonly LaunchOfCell[],
): CellComparison[] {
  const compared = comparedCells(experiment.over, measuredCells(experiment, valid));
  return judge(compared.map(([one, over]) => compareTo(over, one)));
}

/** Each cell that is compared, and the one that it is compared with. */
export function comparedCells<T extends { readonly cell: Cell }>(
  over: string,
  cells: readonly T[],
): [one: T, over: T][] {
  const first = cells.find(({ cell }) => cell.system.name === over);
  if (first === undefined) return [];
  const variant = variantOf(first.cell);
  const own = cells.filter(({ cell }) => variantOf(cell) === variant);
  const bases = new Map(own.map((each) => [workloadOf(each.cell), each]));
  return cells.flatMap((one): [T, T][] => {
    const base = bases.get(workloadOf(one.cell));
    return base === undefined || own.includes(one) ? [] : [[one, base]];
  });
}

/** What is measured: all of a cell but its conditions. */
function variantOf({ system, browserFlags, browsers, attached }: Cell): string {
  return JSON.stringify({ system, browserFlags, browsers, attached });
}

function compareTo(same: MeasuredCell, { cell, launches }: MeasuredCell): CellComparison {
  const found = contrast(same.launches, launches, 'median_response_ms', 'paired');
  return {
    cell: cell.key,
    over: same.cell.key,
    ...ratiosOf(same.launches, launches),
    ...(found !== undefined && { p: pOfDifference(found) }),
  };
}

/** Corrects the p-values for each other. */
function judge(compared: readonly CellComparison[]): CellComparison[] {
  const family = compared.filter((one) => one.p !== undefined);
  const adjusted = holm(family.map(({ p }) => p as number));
  return compared.map((one) => {
    const p = adjusted[family.indexOf(one)];
    if (p === undefined) return one;
    const longer = (one.response_ratio?.value ?? Number.NaN) > 1;
    return { ...one, p, verdict: p > ALPHA ? 'unsure' : longer ? 'slower' : 'faster' };
  });
}
