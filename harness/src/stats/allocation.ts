import { reachOf } from './estimate.js';
import { standardDeviation } from './moments.js';

/**
 * When a cell has been launched enough: its interval is narrow enough, or the launches are used up.
 * It looks at how launches spread and never at where the interval lies, so it cannot stop at a
 * difference that chance made.
 */
export interface StopRule {
  /** The target: half of the interval's width over the value. */
  readonly relativeHalfWidth: number;
  /** Launches that a cell gets in any case. */
  readonly fewestLaunches: number;
  readonly mostLaunches: number;
  /**
   * Launches beyond those with which the spread would give the target. To stop at once is to stop
   * where the spread happens to look small, and then as few as 90 % of the intervals hold the true
   * value; four more launches bring that back to about 94 %. docs/statistics.md has the table, and
   * Chow and Robbins the reason: https://doi.org/10.1214/aoms/1177700156
   */
  readonly spareLaunches: number;
}

export const STOP_RULE: StopRule = {
  relativeHalfWidth: 0.05,
  fewestLaunches: 3,
  mostLaunches: 30,
  spareLaunches: 4,
};

/** What allocation knows of a cell: the launches that it has so far. */
export interface LaunchesOfCell {
  readonly cell: string;
  /** The measure that the rule is about, one value above 0 for each valid launch. */
  readonly values: readonly number[];
  /** How long another launch takes, in seconds. */
  readonly cost_s: number;
}

/** Whether the rule lets the cell end. */
export function isDone({ values }: LaunchesOfCell, rule: StopRule): boolean {
  return (
    values.length >= rule.mostLaunches || excessOf(spreadOf(values), values.length, rule) === 0
  );
}

/**
 * The cell that should get the next launch; undefined when all are done. It is the one whose next
 * launch is predicted to take most off the sum of ln(half-width / target) for each second that it
 * costs; what lies beyond the target counts for nothing. So cells with few launches come first, and
 * one that will hardly ever be narrow enough does not eat the time of all others.
 */
export function nextLaunch(
  cells: readonly LaunchesOfCell[],
  rule: StopRule,
): LaunchesOfCell | undefined {
  const open = cells.filter((cell) => !isDone(cell, rule));
  const gains = new Map(open.map((cell) => [cell, gainOf(cell, rule)]));
  const gain = (cell: LaunchesOfCell) => gains.get(cell) as number;
  return open.reduce<LaunchesOfCell | undefined>((best, cell) => {
    if (best === undefined || gain(cell) > gain(best)) return cell;
    return gain(cell) === gain(best) && cell.values.length < best.values.length ? cell : best;
  }, undefined);
}

/** Infinite where a cell has too few launches for its half-width to be predicted. */
function gainOf({ values, cost_s }: LaunchesOfCell, rule: StopRule): number {
  const launches = values.length;
  const spread = spreadOf(values);
  const now = excessOf(spread, launches, rule);
  if (now === Number.POSITIVE_INFINITY) return now;
  return (now - excessOf(spread, launches + 1, rule)) / cost_s;
}

/** ln(half-width / target), 0 when it is reached, infinite when nothing can be said yet. */
function excessOf(spread: number, launches: number, rule: StopRule): number {
  const counted = launches - rule.spareLaunches;
  if (launches < rule.fewestLaunches || counted < 2) return Number.POSITIVE_INFINITY;
  const halfWidth = predictedHalfWidth(spread, counted);
  return Math.max(0, Math.log(halfWidth / rule.relativeHalfWidth));
}

function spreadOf(values: readonly number[]): number {
  return standardDeviation(values.map(Math.log));
}

/** Of the interval of `estimateOfPositive`, in which the bounds are not equally far: their mean. */
function predictedHalfWidth(spread: number, launches: number): number {
  return Math.sinh((reachOf(launches - 1) * spread) / Math.sqrt(launches));
}
