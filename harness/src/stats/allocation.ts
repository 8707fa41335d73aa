import { estimateOfPositive, reachOf, relativeHalfWidth } from './estimate.js';
import { standardDeviation } from './moments.js';
import { smallestWhole } from './power.js';

/**
 * When a cell has been launched enough: its interval is narrow enough, or the launches are used up. It
 * never looks at where the interval lies, so it cannot stop at a difference that chance made.
 */
export interface StopRule {
  /** Half of the interval's width over the value. */
  readonly relativeHalfWidth: number;
  /** Before these, no cell is done: from few launches a spread may look small by chance. */
  readonly fewestLaunches: number;
  readonly mostLaunches: number;
}

/** What allocation knows of a cell. */
export interface Progress {
  readonly cell: string;
  /** The measure that the rule is about, one value above 0 for each valid launch. */
  readonly values: readonly number[];
  /** How long another launch takes, in seconds. */
  readonly cost_s: number;
}

/** Whether the rule lets the cell end. */
export function isDone({ values }: Progress, rule: StopRule): boolean {
  if (values.length >= rule.mostLaunches) return true;
  if (values.length < rule.fewestLaunches) return false;
  return relativeHalfWidth(estimateOfPositive(values)) <= rule.relativeHalfWidth;
}

/**
 * The cell that should get the next launch; undefined when all are done. It is the one whose next
 * launch is predicted to take most off the sum of ln(half-width / target), a second of its cost; what lies
 * beyond the target counts for nothing. So cells with few launches come first, and one that
 * will hardly ever be narrow enough does not eat the time of all others.
 */
export function nextLaunch(cells: readonly Progress[], rule: StopRule): Progress | undefined {
  const open = cells.filter((cell) => !isDone(cell, rule));
  const gains = new Map(open.map((cell) => [cell, gainOf(cell, rule) / cell.cost_s]));
  const gain = (cell: Progress) => gains.get(cell) as number;
  return open.reduce<Progress | undefined>((best, cell) => {
    if (best === undefined || gain(cell) > gain(best)) return cell;
    return gain(cell) === gain(best) && cell.values.length < best.values.length ? cell : best;
  }, undefined);
}

/** Infinite where the cell has yet no spread, or fewer launches than it must have. */
function gainOf({ values }: Progress, rule: StopRule): number {
  const launches = values.length;
  if (launches < Math.max(2, rule.fewestLaunches)) return Number.POSITIVE_INFINITY;
  const spread = standardDeviation(values.map(Math.log));
  const excess = (n: number) =>
    Math.max(0, Math.log(predictedHalfWidth(spread, n) / rule.relativeHalfWidth));
  return excess(launches) - excess(launches + 1);
}

/**
 * The number of launches, those made included, with which the rule is expected to let the cell end, should
 * its spread stay what it is; undefined before there are two.
 */
export function predictedLaunches({ values }: Progress, rule: StopRule): number | undefined {
  if (values.length < 2) return undefined;
  const spread = standardDeviation(values.map(Math.log));
  const isEnough = (n: number) => predictedHalfWidth(spread, n) <= rule.relativeHalfWidth;
  const from = Math.max(2, values.length, rule.fewestLaunches);
  return smallestWhole(from, Math.max(from, rule.mostLaunches), isEnough);
}

/** Of the interval of `estimateOfPositive`, in which the bounds are not equally far: their mean. */
function predictedHalfWidth(spread: number, launches: number): number {
  return Math.sinh((reachOf(launches - 1) * spread) / Math.sqrt(launches));
}
