import { contrast, ratioOf } from '../stats/contrast.js';
import type { Estimate } from '../stats/estimate.js';
import { type Launch, type Measure, measureOf } from '../stats/launch.js';

/** One cell over another under the same conditions, in the blocks that have a valid launch of both. */
export interface Ratios {
  /** So many blocks. */
  readonly pairs: number;
  /** Of median response times; as the others, absent where a launch does not carry the measure. */
  readonly response_ratio?: Estimate;
  readonly mean_response_ratio?: Estimate;
  readonly throughput_ratio?: Estimate;
}

/** `after` over `before` in each measure in which systems are compared. */
export function ratiosOf(before: readonly Launch[], after: readonly Launch[]): Ratios {
  const blocks = new Set(before.map(({ block }) => block));
  const response = pairedRatio(before, after, 'median_response_ms');
  const mean = pairedRatio(before, after, 'mean_response_ms');
  const throughput = pairedRatio(before, after, 'throughput_per_s');
  return {
    pairs: after.filter(({ block }) => blocks.has(block)).length,
    ...(response !== undefined && { response_ratio: response }),
    ...(mean !== undefined && { mean_response_ratio: mean }),
    ...(throughput !== undefined && { throughput_ratio: throughput }),
  };
}

/**
 * `after` over `before`, paired by block; without an interval when there is a single pair. undefined
 * where there is none, or a launch does not carry the measure.
 */
export function pairedRatio(
  before: readonly Launch[],
  after: readonly Launch[],
  measure: Measure,
): Estimate | undefined {
  const found = contrast(before, after, measure, 'paired');
  if (found !== undefined) return ratioOf(found);
  const pairs = after.flatMap((launch) => {
    const other = before.find(({ block }) => block === launch.block);
    return other === undefined ? [] : [[other, launch] as const];
  });
  const [pair] = pairs;
  if (pair === undefined || pairs.length > 1) return undefined;
  const [b, a] = pair.map((launch) => measureOf(launch, measure) ?? Number.NaN) as [number, number];
  return Number.isFinite(a / b) ? { value: a / b, method: 'none', launches: 1 } : undefined;
}
