import { UsageError } from '../base/errors.js';
import { AXES } from './axes.js';
import { type Axis, defaultOf, isOfSystem, valueIn, whyUnfit } from './axis.js';
import type { CellOfAxes } from './axis_rows.js';
import type { Experiment } from './experiment.js';
import type { FaultPlans } from './faults.js';
import { checkSize } from './size.js';
import { problemOf, type System } from './systems.js';

/** One combination of a system and the values of all axes, see axes.ts. */
export interface Cell extends CellOfAxes {
  /** Unique in the experiment: `rest-wasm w4`, and the values of other axes that vary. */
  readonly key: string;
}

/**
 * The cells of the experiment, by system in its order, then by workers and the other axes. What a
 * system has no use for (browsers, of a native one) does not multiply its cells. Throws UsageError
 * when a value of an axis is of no use to any system, a system can do nothing of an axis, a product is
 * too small for its tiles, or there are more cells than anybody could wait for.
 */
export function cellsOf(experiment: Experiment, axes: readonly Axis[] = AXES): Cell[] {
  const ofSystem = axes.filter(isOfSystem);
  const ofTrial = axes.filter((axis) => !isOfSystem(axis));
  const variants = experiment.systems.flatMap((system) => variantsOf(system, experiment, ofSystem));
  checkEveryVariantIsUsed(experiment, variants, ofSystem);
  checkEveryValueIsUsed(experiment, variants, ofTrial);
  const choices = variants.map((system) => ({
    system,
    fields: Object.fromEntries(
      ofTrial.map((axis) => [axis.field, choicesOf(axis, system, experiment)]),
    ),
  }));
  checkSize(
    choices.reduce((sum, { fields }) => sum + combinations(fields), 0),
    experiment,
  );
  return choices.flatMap(({ system, fields }) =>
    product(fields).map((values) => {
      const cell = { system, ...values } as CellOfAxes;
      checkTiles(cell);
      return { key: keyOf(cell, experiment, axes), ...cell };
    }),
  );
}

/** All of a cell but its system: where it is the same, what differs is the system. */
export function conditionsOf(cell: Cell): string {
  return JSON.stringify({ ...cell, system: null, key: null });
}

/** What a cell is asked to do, whatever system and whichever browser: cells that do the same can be compared. */
export function workloadOf(cell: Cell): string {
  const { key: _, system: __, browserFlags, browsers, attached, ...conditions } = cell;
  return JSON.stringify(conditions);
}

/** Requests that the load generator keeps in flight; null in an open load. */
export function inFlightOf({ inFlight, workers }: Cell): number | null {
  return inFlight === 'per-worker' ? workers : inFlight;
}

/** The values of an axis that the experiment gives; undefined when it does not have the axis. */
function valuesOf({ axes }: Experiment, { name }: Axis): readonly unknown[] | undefined {
  return (axes as Readonly<Record<string, readonly unknown[]>>)[name];
}

/** The values of an axis in the cells of a system. */
function choicesOf(axis: Axis, system: System, experiment: Experiment): readonly unknown[] {
  const { load } = experiment;
  if (axis.of !== 'trial' && axis.of !== `${load.kind} load`) return [null];
  const given = valuesOf(experiment, axis) ?? (axis.implied === undefined ? [] : [axis.implied]);
  return axis.name === 'workers'
    ? workersOf(system, experiment)
    : possible(axis, system, given, experiment.faults);
}

/** The worker counts of a system. Throws UsageError when all of the axis are too many for it. */
function workersOf({ name }: System, { axes, most_workers }: Experiment): readonly number[] {
  const most = most_workers[name] ?? Number.POSITIVE_INFINITY;
  const counts = axes.workers.filter((count) => count <= most);
  if (counts.length > 0) return counts;
  throw new UsageError(
    `workers ${axes.workers.join(', ')}: ${name} has at most ${most} in this experiment (most_workers)`,
  );
}

/**
 * Those values that the system can take, and the default when it can take none. Throws UsageError when
 * the default is not for it, either.
 */
function possible(
  axis: Axis,
  system: System,
  asked: readonly unknown[],
  plans?: FaultPlans,
): readonly unknown[] {
  const fit = asked.filter((value) => whyUnfit(axis, system, value, plans) === undefined);
  if (fit.length > 0 || asked.length === 0) return fit;
  if (axis.cure === undefined) return [defaultOf(axis)];
  const [value] = asked;
  throw new UsageError(
    `${system.name}: ${axis.name} is '${value}': ${whyUnfit(axis, system, value)}; ${axis.cure}`,
  );
}

/** The system with each combination of the axes' values that it can take. */
function variantsOf(system: System, experiment: Experiment, ofSystem: readonly Axis[]): System[] {
  let variants: System[] = [system];
  for (const axis of ofSystem) {
    const values = valuesOf(experiment, axis);
    if (values === undefined) continue;
    variants = variants.flatMap((variant) => {
      const changed = values.map((value) => ({ ...variant, [axis.field]: value }) as System);
      const possible = changed.filter((each) => problemOf(each) === undefined);
      return possible.length > 0 ? possible : [variant];
    });
  }
  return variants;
}

function checkEveryVariantIsUsed(
  experiment: Experiment,
  variants: readonly System[],
  ofSystem: readonly Axis[],
): void {
  for (const axis of ofSystem) {
    for (const value of valuesOf(experiment, axis) ?? []) {
      if (variants.some((variant) => variant[axis.field as keyof System] === value)) continue;
      const why = experiment.systems
        .map((system) => problemOf({ ...system, [axis.field]: value } as System))
        .find((problem) => problem !== undefined);
      refuse(experiment, axis, value, why);
    }
  }
}

function checkEveryValueIsUsed(
  experiment: Experiment,
  variants: readonly System[],
  ofTrial: readonly Axis[],
): void {
  for (const axis of ofTrial) {
    for (const value of valuesOf(experiment, axis) ?? []) {
      const reasons = variants.map((variant) => whyUnfit(axis, variant, value, experiment.faults));
      if (!reasons.includes(undefined)) refuse(experiment, axis, value, reasons[0]);
    }
  }
}

function refuse({ systems }: Experiment, { name }: Axis, value: unknown, why?: string): never {
  const asked = value === true ? name : `${name} '${value}'`;
  const all = systems.map((system) => system.name).join(', ');
  throw new UsageError(`${asked} is not supported by ${all}: ${why}`);
}

/** A product of fewer rows than workers would leave some of them without a tile, unsaid. */
function checkTiles({ system, workers, n, split }: CellOfAxes): void {
  if (split === 'none' || workers <= n) return;
  throw new UsageError(
    `${system.name}: split '${split}' of n ${n} over ${workers} workers; expected an n of ${workers} or more, so that each worker has a tile`,
  );
}

/** `rest-wasm w4 n128 codec=binary`: the system, and what each axis says of itself. */
function keyOf(cell: CellOfAxes, experiment: Experiment, axes: readonly Axis[]): string {
  const parts = axes.flatMap((axis) => partOfKey(axis, cell, variesIn(experiment, axis)) ?? []);
  return [cell.system.name, ...parts].join(' ');
}

/** What an axis that varies or does not adds to the key of a cell: `n128`, `codec=binary`; undefined: nothing. */
export function partOfKey(axis: Axis, cell: CellOfAxes, varies: boolean): string | undefined {
  const value = valueIn(axis, cell);
  if (value === null) return undefined;
  if (axis.key !== undefined) return axis.key(value, varies);
  return varies ? `${axis.name}=${value}` : undefined;
}

/** Whether the experiment gives an axis more than one value. */
export function variesIn(experiment: Experiment, axis: Axis): boolean {
  return (valuesOf(experiment, axis)?.length ?? 0) > 1;
}

function combinations(fields: Record<string, readonly unknown[]>): number {
  return Object.values(fields).reduce((count, values) => count * values.length, 1);
}

/** Every combination of the values of each field, the last field varying fastest. */
function product(fields: Record<string, readonly unknown[]>): Record<string, unknown>[] {
  let rows: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(fields)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  }
  return rows;
}
