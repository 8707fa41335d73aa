/** What there is to know of an axis, and what follows from it. */
import type { Scalar, ValueKind, Written } from './axis_values.js';
import type { FaultPlans } from './faults.js';
import type { System } from './systems.js';

/**
 * One thing that may vary from cell to cell. A row of the table in axes.ts; files, flags, cells, rows and
 * tables are made from it. `V`: one of its values.
 */
export interface Axis<V = unknown> {
  /** In experiments, rows, summaries and manifests: `service_ms`. */
  readonly name: string;
  /** In a Cell, or of its System: `serviceMs`. */
  readonly field: string;
  /** Whose choice it is: of a system, of a load of one kind, or of whoever asks for the trial. */
  readonly of: 'system' | 'closed load' | 'open load' | 'trial';
  /** In words, for figures; with its unit, where it has one. */
  readonly title: string;
  readonly unit?: string;
  /** The head of its column in tables. Default: its title. */
  readonly heading?: string;
  readonly values: ValueKind<V>;
  /** The value of an experiment that gives none; without it, such an experiment does not have the axis. */
  readonly default?: Written;
  /** The value of cells of an experiment that does not have the axis. */
  readonly implied?: Scalar;
  /** Cells that it does not apply to have null in place of a value. */
  readonly nullable?: true;
  /** What the schema of experiments says of it. */
  readonly description?: string;
  readonly flag?: AxisFlag;
  /** Of a system: its value when the field is not written out. */
  inSystem?(system: System): V | null;
  /** Why a system cannot take a value; undefined when it can. The default is never asked for. */
  unfit?(system: System, value: V, plans: FaultPlans): string | undefined;
  /** What to do when a system can take none of the values. Default: such a system has the default. */
  readonly cure?: string;
  /** Its part of a cell's key, if any. Default: `name=value` where it varies. */
  key?(value: V, varies: boolean): string | undefined;
  /** What rows have in place of the value of a cell. */
  inRow?(value: V, cell: { readonly workers: number }): unknown;
  /** A choice of how a system is run, rather than of what it is asked: metrics name it with the system. */
  readonly namesSystem?: true;
  readonly note?: AxisNote<V>;
}

/** How an axis is given on the command line. */
export interface AxisFlag {
  /** Default: the name of the axis with dashes. */
  readonly long?: string;
  /** What --help has in the place of the value; none where the flag takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  /** The text is one value, not a list of them. */
  readonly single?: true;
}

/** What a table says at the end of a row, and below what that means. */
export interface AxisNote<V> {
  text(value: V): string | undefined;
  readonly means: string;
}

/** What a manifest tells of each axis. */
export interface AxisDescription {
  readonly name: string;
  /** Of rows and summaries. */
  readonly field: string;
  readonly title: string;
  /** null: none. */
  readonly unit: string | null;
  /** Of rows that do not say it; null: each does. */
  readonly default: unknown;
}

export function describeAxis(axis: Axis): AxisDescription {
  const { name, title, unit } = axis;
  return { name, field: name, title, unit: unit ?? null, default: defaultOf(axis) };
}

/** `--service-ms`. */
export function flagOf({ name, flag }: Axis): string {
  return flag?.long ?? `--${name.replaceAll('_', '-')}`;
}

/** The value of an axis in a cell, which holds it under the axis' field; a system by itself has those of systems. */
export function valueIn(axis: Axis, cell: { readonly system: System }): unknown {
  if (axis.inSystem !== undefined) return axis.inSystem(cell.system);
  const holder: object = axis.of === 'system' ? cell.system : cell;
  return (holder as Record<string, unknown>)[axis.field];
}

/** Those that are choices of a system, and the others: the order in which a cell and its row have them. */
export function systemFirst<A extends Axis>(axes: readonly A[]): A[] {
  return [...axes.filter(isOfSystem), ...axes.filter((axis) => !isOfSystem(axis))];
}

export function isOfSystem({ of }: Axis): boolean {
  return of === 'system';
}

/** The value of cells of which nothing else is known; null: there is none. */
export function defaultOf(axis: Axis): unknown {
  return axis.default === undefined ? null : (axis.values.read(axis.default)[0] ?? null);
}

/** Why a system cannot take the value, `plans` being the experiment's; undefined when it can. */
export function whyUnfit(
  axis: Axis,
  system: System,
  value: unknown,
  plans: FaultPlans = {},
): string | undefined {
  if (axis.cure === undefined && value === defaultOf(axis)) return undefined;
  return axis.unfit?.(system, value, plans);
}
