import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../experiment/yaml_file.js';
import { estimateMeasure, estimateOverLaunches } from '../stats/estimate.js';
import { MEASURES, type Measure } from '../stats/launch.js';
import { pairedRatio } from './ratios.js';
import type { LaunchOfCell } from './summary.js';

/** claims.yaml: the numbers that are published about a run. */
export type ClaimsFile = ClaimFile[];

export interface ClaimFile {
  /** The sentence that states the number. */
  claim: string;
  /** The name of a cell of the run. */
  cell: string;
  /** The name of another cell: the claim is about the ratio of the first to it, paired by block. */
  over?: string;
  measure:
    | 'median_response_ms'
    | 'mean_response_ms'
    | 'p95_response_ms'
    | 'throughput_per_s'
    | 'first_response_ms'
    | 'compute_share'
    | 'median_unaccounted_share'
    | 'p99_unaccounted_share';
  /** The claimed value, in the unit of the measure. */
  value: number;
  /**
   * How far the run may deviate from it, relative to the value.
   * @minimum 0
   * @maximum 1
   */
  tolerance: number;
  /**
   * Why more than 5 % are allowed, where they are.
   * @minLength 10
   */
  tolerance_because?: string;
}

/** A claim that holds within more than this says little, unless it says why. */
const MOST_TOLERANCE = 0.05;

/** A claim, and where it stands. */
export interface Claim extends ClaimFile {
  readonly place: string;
}

/** The claims of the run in `path`; none where there is no claims.yaml. */
export function readClaims(path: string): Claim[] {
  const file = join(path, 'claims.yaml');
  if (!existsSync(file)) return [];
  const { value, placeOf } = readYaml<ClaimsFile>(file, 'claims');
  return value.map((claim, i) => ({ ...claim, place: placeOf([i, 'value']) }));
}

/**
 * The claims that the valid trials of a run do not bear out, or whose tolerance is unexplained, each a
 * sentence with its place.
 */
export function checkClaims(claims: readonly Claim[], trials: readonly LaunchOfCell[]): string[] {
  return claims.flatMap((claim) => [...checkTolerance(claim), ...checkValue(claim, trials)]);
}

function checkTolerance({ place, tolerance, tolerance_because }: Claim): string[] {
  if (tolerance <= MOST_TOLERANCE || tolerance_because !== undefined) return [];
  return [
    `${place}: tolerance ${tolerance} is more than ${MOST_TOLERANCE}; give a smaller one, or the reason in tolerance_because`,
  ];
}

function checkValue(claim: Claim, trials: readonly LaunchOfCell[]): string[] {
  const { place, cell, over, measure, value, tolerance } = claim;
  const of = over === undefined ? cell : `${cell} over ${over}`;
  const what = `${place}: ${of}, ${measure}`;
  const found = derive(claim, trials);
  if (found === undefined) return [`${what}: the run has no valid trial to support it`];
  const off = Math.abs(found - value);
  if (off <= tolerance * Math.abs(value)) return [];
  const allowed = `± ${(tolerance * 100).toFixed(1)} %`;
  return [`${what}: ${value} is claimed (${allowed}); the samples give ${found.toPrecision(6)}`];
}

function derive(
  { cell, over, measure }: Claim,
  trials: readonly LaunchOfCell[],
): number | undefined {
  const own = trials.filter(({ row }) => row.cell === cell);
  if (own.length === 0) return undefined;
  const launches = own.map(({ launch }) => launch);
  if (over !== undefined) {
    const others = trials.filter(({ row }) => row.cell === over).map(({ launch }) => launch);
    return isMeasure(measure) ? pairedRatio(others, launches, measure)?.value : undefined;
  }
  if (isMeasure(measure)) return estimateMeasure(launches, measure).value;
  return estimateOverLaunches(own.map(({ results }) => results[measure])).value;
}

function isMeasure(name: string): name is Measure {
  return (MEASURES as readonly string[]).includes(name);
}
