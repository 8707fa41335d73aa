import { UsageError } from '../base/errors.js';
import { checkBrowsers, DEMANDS, possible, unfitFor } from './demands.js';
import type { BrowserFlags, Browsers, Experiment, InFlight, Split, Values } from './experiment.js';
import { checkSize } from './size.js';
import { complete, problemOf, runsInBrowser, SYSTEM_FIELDS, type System } from './systems.js';

/** One combination of a system and the values of all axes. */
export interface Cell {
  /** Unique in the experiment: `rest-wasm w4`, and the values of other axes that vary. */
  readonly key: string;
  /** With the values of the axes that are fields of a system. */
  readonly system: System;
  readonly workers: number;
  /** Order of the square matrices. */
  readonly n: number;
  /** What the matrices hold. */
  readonly values: Values;
  /** How a multiplication is split, into as many tiles as workers. */
  readonly split: Split;
  /** For how long a worker holds each task, at least; 0: as long as it computes. */
  readonly serviceMs: number;
  /** Of a closed load. */
  readonly inFlight: InFlight | null;
  /** Arrivals per second, of an open load. */
  readonly ratePerS: number | null;
  readonly browserFlags: BrowserFlags;
  readonly browsers: Browsers;
  readonly attached: boolean;
}

/**
 * The cells of the experiment, by system in its order, then by workers and the other axes. What a
 * system has no use for (browsers, of a native one) does not multiply its cells. Throws UsageError
 * when a value of an axis is of no use to any system, a system can do nothing of an axis, a product is
 * too small for its tiles, or there are more cells than anybody could wait for.
 */
export function cellsOf(experiment: Experiment): Cell[] {
  const variants = experiment.systems.flatMap((system) => variantsOf(system, experiment));
  checkEveryValueIsUsed(experiment, variants);
  checkEveryDemandIsMet(experiment, variants);
  checkBrowsers(experiment, variants);
  const choices = variants.map((variant) => ({ variant, fields: choicesOf(variant, experiment) }));
  checkSize(
    choices.reduce((sum, { fields }) => sum + combinations(fields), 0),
    experiment,
  );
  return choices.flatMap(({ variant, fields }) =>
    product(fields).map((values) => {
      const cell = { system: variant, ...values };
      checkTiles(cell);
      return { key: keyOf(cell, experiment), ...cell };
    }),
  );
}

/** What each field of the cells of a system may be. */
function choicesOf(variant: System, experiment: Experiment) {
  const { axes, load } = experiment;
  const inBrowser = runsInBrowser(variant);
  const inFlight: readonly InFlight[] = axes.in_flight ?? ['per-worker'];
  return {
    workers: workersOf(variant, experiment),
    n: axes.n,
    values: possible(variant, 'values', experiment),
    split: possible(variant, 'split', experiment),
    serviceMs: possible(variant, 'service_ms', experiment),
    inFlight: load.kind === 'closed' ? inFlight : [null],
    ratePerS: load.kind === 'open' ? (axes.rate_per_s ?? []) : [null],
    browserFlags: possible(variant, 'browser_flags', experiment),
    browsers: inBrowser ? axes.browsers : axes.browsers.slice(0, 1),
    attached: inBrowser ? axes.attached : [false],
  };
}

/** Requests that the load generator keeps in flight; null in an open load. */
export function inFlightOf(cell: Cell): number | null {
  return cell.inFlight === 'per-worker' ? cell.workers : cell.inFlight;
}

/** The worker counts of a system. Throws UsageError when all of the axis are too many for it. */
function workersOf({ name }: System, { axes, most_workers }: Experiment): readonly number[] {
  const most = most_workers[name] ?? Number.POSITIVE_INFINITY;
  const counts = axes.workers.filter((count) => count <= most);
  if (counts.length > 0) return counts;
  throw new UsageError(
    `workers ${axes.workers.join(', ')}: ${name} has at most ${most} here (most_workers)`,
  );
}

/** The system with each combination of the axes' values that it can take. */
function variantsOf(system: System, { axes }: Experiment): System[] {
  let variants: System[] = [system];
  for (const axis of SYSTEM_FIELDS) {
    const values = axes[axis];
    if (values === undefined) continue;
    variants = variants.flatMap((variant) => {
      const changed = values.map((value) => ({ ...variant, [axis]: value }) as System);
      const possible = changed.filter((each) => problemOf(each) === undefined);
      return possible.length > 0 ? possible : [variant];
    });
  }
  return variants;
}

function checkEveryValueIsUsed(experiment: Experiment, variants: readonly System[]): void {
  for (const axis of SYSTEM_FIELDS) {
    for (const value of experiment.axes[axis] ?? []) {
      if (variants.some((variant) => variant[axis] === value)) continue;
      const names = experiment.systems.map((system) => system.name).join(', ');
      const why = experiment.systems
        .map((system) => problemOf({ ...system, [axis]: value } as System))
        .find((problem) => problem !== undefined);
      throw new UsageError(`${axis} '${value}': none of ${names} can take it: ${why}`);
    }
  }
}

function checkEveryDemandIsMet({ axes, systems }: Experiment, variants: readonly System[]): void {
  const names = systems.map((system) => system.name).join(', ');
  for (const demand of DEMANDS) {
    for (const value of axes[demand]) {
      const problems = variants.map((variant) => unfitFor(variant, demand, value));
      if (problems.includes(undefined)) continue;
      throw new UsageError(`${demand} '${value}': none of ${names} can take it: ${problems[0]}`);
    }
  }
}

/** A product of fewer rows than workers would leave some of them without a tile, unsaid. */
function checkTiles({ system, workers, n, split }: Omit<Cell, 'key'>): void {
  if (split === 'none' || workers <= n) return;
  throw new UsageError(
    `${system.name}: split '${split}' of n ${n} over ${workers} workers; expected n of ${workers} or more, so that each has a tile`,
  );
}

/** How the key of a cell says that its browser was not told what a user's is. */
const NOT_DEFAULT = 'non-default-flags';

/**
 * `rest-wasm w4 n128 codec=binary`: beside system and workers, only what varies, and flags of the
 * browser that are not its defaults.
 */
function keyOf(cell: Omit<Cell, 'key'>, { axes }: Experiment): string {
  const { system, workers, n } = cell;
  const parts = [system.name, `w${workers}`];
  if (axes.n.length > 1) parts.push(`n${n}`);
  const choices = complete(system);
  for (const axis of SYSTEM_FIELDS) {
    const value = choices[axis];
    if ((axes[axis]?.length ?? 0) > 1 && value !== null) parts.push(`${axis}=${value}`);
  }
  if (axes.values.length > 1) parts.push(`values=${cell.values}`);
  if (axes.split.length > 1) parts.push(`split=${cell.split}`);
  if (axes.service_ms.length > 1) parts.push(`service=${cell.serviceMs}ms`);
  if ((axes.in_flight?.length ?? 0) > 1) parts.push(`in_flight=${cell.inFlight}`);
  if ((axes.rate_per_s?.length ?? 0) > 1) parts.push(`rate=${cell.ratePerS}`);
  if (cell.browserFlags !== 'none') parts.push(`${NOT_DEFAULT}=${cell.browserFlags}`);
  if (axes.browsers.length > 1) parts.push(`browsers=${cell.browsers}`);
  if (axes.attached.length > 1) parts.push(`attached=${cell.attached}`);
  return parts.join(' ');
}

function combinations(fields: Record<string, readonly unknown[]>): number {
  return Object.values(fields).reduce((count, values) => count * values.length, 1);
}

/** Every combination of the values of each field, the last field varying fastest. */
function product<T extends Record<string, readonly unknown[]>>(
  fields: T,
): { [K in keyof T]: T[K][number] }[] {
  let rows: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(fields)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  }
  return rows as { [K in keyof T]: T[K][number] }[];
}
