/** What cells are called in sentences and tables: their system, and the conditions it was put to. */
import type { CellSummary } from '../analysis/summary.js';
import { AXES } from '../experiment/axes.js';
import { type Axis, defaultOf, isOfSystem } from '../experiment/axis.js';
import type { Estimate } from '../stats/estimate.js';

/** What was told of two cells, and both of them. */
export interface WithCells<T> {
  readonly told: T;
  readonly cell: CellSummary;
  readonly over: CellSummary;
}

/** Those of which both cells are there. */
export function withCells<T extends { readonly cell: string; readonly over: string }>(
  all: readonly T[],
  cells: readonly CellSummary[],
): WithCells<T>[] {
  const byName = new Map(cells.map((cell) => [cell.cell, cell]));
  return all.flatMap((told) => {
    const [cell, over] = [byName.get(told.cell), byName.get(told.over)];
    return cell === undefined || over === undefined ? [] : [{ told, cell, over }];
  });
}

/** `rest-wasm`, or `rest-wasm codec=json` where the run has several variants of that system. */
export function variantOf(cell: CellSummary, all: readonly CellSummary[]): string {
  const own = all.filter(({ system }) => system === cell.system);
  const choices = AXES.filter(isOfSystem)
    .filter((axis) => differ(own, axis))
    .map((axis) => `${axis.name}=${levelOf(cell, axis)}`);
  return [cell.system, ...choices].join(' ');
}

/** The axes, but for choices of systems, in which the cells differ. */
export function varyingConditions(cells: readonly CellSummary[]): Axis[] {
  const tracksWorkers = cells.every((cell) => cell.in_flight === cell.workers);
  return AXES.filter((axis: Axis) => !isOfSystem(axis)).filter(
    (axis) => differ(cells, axis) && !(axis.name === 'in_flight' && tracksWorkers),
  );
}

/** Axes that say something of every cell alike: what is not the default, and is no count of requests. */
function commonConditions(cells: readonly CellSummary[]): Axis[] {
  const [first] = cells;
  const left = ['workers', 'in_flight'];
  return AXES.filter((axis: Axis) => !isOfSystem(axis) && !left.includes(axis.name)).filter(
    (axis: Axis) =>
      first !== undefined &&
      !differ(cells, axis) &&
      levelOf(first, axis) !== null &&
      (axis.name === 'n' || levelOf(first, axis) !== defaultOf(axis)),
  );
}

/** `n = 128`, `25 requests/s`, `split rows`, `service time 100 ms`. */
function conditionOf(cell: CellSummary, axis: Axis): string {
  const value = levelOf(cell, axis);
  if (axis.name === 'n') return `n = ${value}`;
  if (axis.name === 'rate_per_s') return `${value} requests/s`;
  return [axis.title, value, ...(axis.unit === undefined ? [] : [axis.unit])].join(' ');
}

export function levelOf(cell: CellSummary, { name }: Axis): unknown {
  return (cell as unknown as Record<string, unknown>)[name];
}

function differ(cells: readonly CellSummary[], axis: Axis): boolean {
  return new Set(cells.map((cell) => levelOf(cell, axis))).size > 1;
}

/** `with 1 worker`, `at n = 128`, `with split rows`: where a sentence is about several. */
export function placeOf(cell: CellSummary, axis: Axis): string {
  if (axis.name === 'workers') return withWorkers(cell);
  const isAmount = axis.name === 'n' || axis.unit !== undefined;
  return `${isAmount ? 'at' : 'with'} ${conditionOf(cell, axis)}`;
}

export function withWorkers({ workers }: CellSummary): string {
  return `with ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

/** `n = 128, split rows, 3 launches`: what is true of all that a sentence is about. */
export function basisOf(cells: readonly CellSummary[], estimates: readonly Estimate[]): string {
  const [first] = cells;
  const common = first ? commonConditions(cells).map((axis) => conditionOf(first, axis)) : [];
  return [...common, launchesOf(estimates)].join(', ');
}

function launchesOf(estimates: readonly Estimate[]): string {
  const fewest = Math.min(...estimates.map(({ launches }) => launches));
  if (fewest === 1) return '1 launch, so without an interval';
  const isLeast = estimates.some(({ launches }) => launches > fewest);
  return `${isLeast ? 'at least ' : ''}${fewest} launches`;
}
