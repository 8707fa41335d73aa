import { AXES } from '../experiment/axes.js';
import { type Axis, defaultOf, isOfSystem, valueIn } from '../experiment/axis.js';
import type { CellOfAxes } from '../experiment/axis_rows.js';
import { partOfKey, variesIn } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';

/**
 * What series say of a cell. No two cells of an experiment have the same `system` (with the choices that make
 * another system of it), `setting` (what it is asked to do: `n64 rate=50`) and `workers`. Each axis that is part of
 * these is a label of its own, too: `n`, `codec`, `rate_per_s`. One that does not vary and is as it is by
 * default has no label, so that a series has no more than it needs.
 */
export type CellLabels = Readonly<Record<string, string>>;

/** The labels that a cell may have. */
export const CELL_LABELS: readonly string[] = [
  ...new Set(['system', 'workers', 'setting', ...AXES.map(({ name }) => name)]),
];

export function labelsOf(
  cell: CellOfAxes,
  experiment: Experiment,
  axes: readonly Axis[] = AXES,
): CellLabels {
  const labelled = axes.filter(
    (axis) => axis.name !== 'workers' && isLabelled(axis, cell, experiment),
  );
  const namesOf = (some: readonly Axis[]) =>
    some.flatMap((axis) => partOfKey(axis, cell, true) ?? []);
  const setting = namesOf(labelled.filter((axis) => !namesSystem(axis))).join(' ');
  return {
    system: [cell.system.name, ...namesOf(labelled.filter(namesSystem))].join(' '),
    workers: String(cell.workers),
    ...(setting !== '' && { setting }),
    ...Object.fromEntries(labelled.map((axis) => [axis.name, String(valueIn(axis, cell))])),
  };
}

function namesSystem(axis: Axis): boolean {
  return isOfSystem(axis) || axis.namesSystem === true;
}

/** Whether an axis varies in the experiment, or the cell has another value of it than by default. */
function isLabelled(axis: Axis, cell: CellOfAxes, experiment: Experiment): boolean {
  const value = valueIn(axis, cell);
  if (value === null) return false;
  return variesIn(experiment, axis) || value !== usualValue(axis, cell, experiment);
}

/** Of a choice of systems, that of the system as it is declared. */
function usualValue(axis: Axis, { system }: CellOfAxes, { systems }: Experiment): unknown {
  if (!isOfSystem(axis)) return defaultOf(axis) ?? axis.implied;
  return valueIn(axis, { system: systems.find(({ name }) => name === system.name) ?? system });
}
