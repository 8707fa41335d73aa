import type { Contrast } from './contrast.js';
import { type Launch, type Measure, measureOf } from './launch.js';
import { mean, variance } from './moments.js';

/** How much whole runs of the same thing differ: what launches of one run cannot show. */
export interface RunSpread {
  /** Standard deviation of the logarithm of a run's value. */
  readonly spread: number;
  /** Of its estimate; infinite where it is taken as known. */
  readonly degreesOfFreedom: number;
}

/** A cell of A/A runs: its launches in each of them. */
export type CellOfRuns = readonly (readonly Launch[])[];

/**
 * The spread of A/A runs in a measure: the variance of their values, on average over cells. As a run
 * shifts all of its cells together, it has no more degrees of freedom than one cell. What launches
 * differ by is not taken off it: a difference of two estimates of a variance would often be 0 by chance, and
 * intervals too narrow. undefined with fewer than two runs, and where no cell carries the measure.
 */
export function spreadBetween(
  cells: readonly CellOfRuns[],
  measure: Measure,
): RunSpread | undefined {
  const variances = cells
    .map((runs) => variance(runs.map((launches) => logOf(launches, measure))))
    .filter(Number.isFinite);
  if (variances.length === 0) return undefined;
  const runs = Math.min(...cells.map(({ length }) => length));
  return { spread: Math.sqrt(mean(variances)), degreesOfFreedom: runs - 1 };
}

function logOf(launches: readonly Launch[], measure: Measure): number {
  return mean(launches.map((launch) => Math.log(measureOf(launch, measure) ?? Number.NaN)));
}

/**
 * The contrast of cells of two runs, each of which is shifted as a whole: the variances add up, and
 * their degrees of freedom are combined as Welch and Satterthwaite do.
 * https://en.wikipedia.org/wiki/Welch%E2%80%93Satterthwaite_equation
 */
export function withSpreadBetween(of: Contrast, between: RunSpread): Contrast {
  const within = of.standardError ** 2;
  const added = 2 * between.spread ** 2;
  if (added === 0) return of;
  const freedom = within ** 2 / of.degreesOfFreedom + added ** 2 / between.degreesOfFreedom;
  return {
    ...of,
    standardError: Math.sqrt(within + added),
    degreesOfFreedom: Math.min((within + added) ** 2 / freedom, MOST_DEGREES),
  };
}

/** Where a spread is taken as known and launches do not differ; Student's t is normal long before. */
const MOST_DEGREES = 1e4;
