import { type Cell, cellsOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import { contrast, pOfDifference } from '../stats/contrast.js';
import type { Estimate } from '../stats/estimate.js';
import { holm } from '../stats/holm.js';
import type { Launch } from '../stats/launch.js';
import { type LaunchOfCell, pairedRatio } from './summary.js';

/** The probability with which any verdict of a run may be wrong. */
const ALPHA = 0.05;

/** How a cell compares with the first system under the same conditions, in the launches of both. */
export interface CellComparison {
  readonly cell: string;
  /** The cell of the first system. */
  readonly over: string;
  /** Blocks in which both have a valid launch. */
  readonly pairs: number;
  /** Median response time over that of the other; absent where a launch does not carry a median. */
  readonly response_ratio?: Estimate;
  readonly throughput_ratio?: Estimate;
  /** Of no difference in response times, adjusted for all comparisons of the run. */
  readonly p?: number;
  /** On response times; `unsure`: the launches are too few, or differ too much from each other. */
  readonly verdict: 'faster' | 'slower' | 'unsure';
}

/**
 * Compares every cell with that of the run's first system (of its first variant that has a valid
 * launch) under the same conditions, paired by block. The family over which Holm's correction holds
 * is all of the cells that are returned. In the order of the experiment.
 */
export function compareCells(
  experiment: Experiment,
  valid: readonly LaunchOfCell[],
): CellComparison[] {
  const measured = cellsOf(experiment).flatMap((cell) => {
    const launches = valid.filter(({ row }) => row.cell === cell.key).map(({ launch }) => launch);
    return launches.length === 0 ? [] : [{ key: cell.key, launches, ...identityOf(cell) }];
  });
  const first = measured[0]?.variant;
  const compared = measured.flatMap(({ key, launches, variant, conditions }) => {
    if (variant === first) return [];
    const same = measured.find((one) => one.variant === first && one.conditions === conditions);
    return same === undefined ? [] : [compareTo(same, { key, launches })];
  });
  return judge(compared);
}

interface Measured {
  readonly key: string;
  readonly launches: readonly Launch[];
}

/** Before the correction for the others. */
type Compared = Omit<CellComparison, 'verdict'>;

/** What is measured, and what it is put to. */
function identityOf(cell: Cell): { variant: string; conditions: string } {
  const { key: _, system, browserFlags, browsers, attached, ...conditions } = cell;
  return {
    variant: JSON.stringify({ system, browserFlags, browsers, attached }),
    conditions: JSON.stringify(conditions),
  };
}

function compareTo(same: Measured, { key, launches }: Measured): Compared {
  const blocks = new Set(same.launches.map(({ block }) => block));
  const response = pairedRatio(same.launches, launches, 'median_response_ms');
  const throughput = pairedRatio(same.launches, launches, 'throughput_per_s');
  const found = contrast(same.launches, launches, 'median_response_ms', 'paired');
  return {
    cell: key,
    over: same.key,
    pairs: launches.filter(({ block }) => blocks.has(block)).length,
    ...(response !== undefined && { response_ratio: response }),
    ...(throughput !== undefined && { throughput_ratio: throughput }),
    ...(found !== undefined && { p: pOfDifference(found) }),
  };
}

function judge(compared: readonly Compared[]): CellComparison[] {
  const family = compared.filter((one) => one.p !== undefined);
  const adjusted = holm(family.map(({ p }) => p as number));
  return compared.map((one) => {
    const p = adjusted[family.indexOf(one)];
    if (p === undefined) return { ...one, verdict: 'unsure' };
    const longer = (one.response_ratio?.value ?? Number.NaN) > 1;
    return { ...one, p, verdict: p > ALPHA ? 'unsure' : longer ? 'slower' : 'faster' };
  });
}
