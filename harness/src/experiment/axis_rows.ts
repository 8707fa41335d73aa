/** What cells and rows have of each axis, and what a run tells of them. */
import { AXES, type CellValues, type OrNull, type Row, type ValueOf } from './axes.js';
import { type Axis, type AxisDescription, describeAxis, systemFirst, valueIn } from './axis.js';
import type { System } from './systems.js';

type InRow<A> = A extends { inRow(...of: never[]): infer R } ? R : ValueOf<A>;

/** What a row has of each axis. */
export type RowValues = { readonly [A in Row as A['name']]: InRow<A> | OrNull<A> };

/** What the manifest of a run tells of the axes, in the order of the fields of its rows. */
export function describeAxes(axes: readonly Axis[] = AXES): AxisDescription[] {
  return systemFirst(axes).map(describeAxis);
}

/** What the row of a cell has of each axis; what is of its system comes first. */
export function rowValuesOf(cell: CellOfAxes, axes: readonly Axis[] = AXES): RowValues {
  const values = systemFirst(axes).map((axis) => {
    const value = valueIn(axis, cell);
    return [axis.name, value === null ? null : (axis.inRow?.(value, cell) ?? value)];
  });
  return Object.fromEntries(values) as RowValues;
}

/** A system and a value of each axis. */
export interface CellOfAxes extends CellValues {
  /** With the values of the axes that are fields of a system. */
  readonly system: System;
}
