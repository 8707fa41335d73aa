import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../experiment/yaml_file.js';
import { type Estimate, estimateMeasure, estimateOverLaunches } from '../stats/estimate.js';
import { MEASURES, type Measure } from '../stats/launch.js';
import { type CellFaultEffects, FAULT_EFFECTS, faultEffectsOf } from './cell_fault_effects.js';
import { pairedRatio } from './ratios.js';
import type { LaunchOfCell } from './summary.js';

/** claims.yaml: the numbers that are published about a run. */
export type ClaimsFile = ClaimFile[];

export interface ClaimFile {
  /** The sentence that states the number. */
  claim: string;
  /** The name of a cell of the run. */
  cell: string;
  /**
   * The name of another cell: the claim is about the ratio of the first to it, paired by block. Not of what
   * faults did.
   */
  over?: string;
  measure:
    | 'median_response_ms'
    | 'mean_response_ms'
    | 'p95_response_ms'
    | 'throughput_per_s'
    | 'first_response_ms'
    | 'compute_share'
    | 'median_unaccounted_share'
    | 'p99_unaccounted_share'
    | 'accepted'
    | 'completed'
    | 'refused'
    | 'failed'
    | 'lost'
    | 'wrong'
    | 'duplicated'
    | 'repeated'
    | 'recovered_s'
    | 'held_s';
  /** The claimed value, in the unit of the measure. */
  value: number;
  /** The bounds of its 95 % interval over launches; left out where the run gives none. */
  interval?: [number, number];
  /**
   * How far the run may deviate from it and from its bounds, relative to the value.
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
  const { place, cell, over, measure, value, interval, tolerance } = claim;
  const of = over === undefined ? cell : `${cell} over ${over}`;
  const what = `${place}: ${of}, ${measure}`;
  const found = derive(claim, trials);
  if (found === undefined) return [`${what}: the run has no valid trial to support it`];
  const allowed = `± ${(tolerance * 100).toFixed(1)} %`;
  const agrees = (claimed: number, derived: number): boolean =>
    Math.abs(derived - claimed) <= tolerance * Math.abs(value);
  if (!agrees(value, found.value)) {
    const derived = found.value.toPrecision(6);
    return [`${what}: ${value} is claimed (${allowed}); the samples give ${derived}`];
  }
  const bounds = boundsOf(found);
  if (interval?.every((bound, i) => agrees(bound, bounds?.[i] ?? Number.NaN)) ?? !bounds) return [];
  const claimed = interval ? `the interval [${interval.join(', ')}]` : 'no interval';
  const derived = bounds?.map((bound) => bound.toPrecision(4)).join(', ');
  return [
    `${what}: ${claimed} is claimed (${allowed} of the value); the samples give ${derived ? `[${derived}]` : 'none'}`,
  ];
}

/** What a run says; a sum over its launches or the longest of them has no bounds. */
type Bounded = Pick<Estimate, 'value' | 'low' | 'high'>;

function boundsOf({ low, high }: Bounded): [number, number] | undefined {
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** Undefined where no launch has it. */
function derive(
  { cell, over, measure }: Claim,
  trials: readonly LaunchOfCell[],
): Bounded | undefined {
  const own = trials.filter(({ row }) => row.cell === cell);
  if (own.length === 0) return undefined;
  const launches = own.map(({ launch }) => launch);
  if (over !== undefined) {
    const others = trials.filter(({ row }) => row.cell === over).map(({ launch }) => launch);
    return isMeasure(measure) ? pairedRatio(others, launches, measure) : undefined;
  }
  if (isMeasure(measure)) return estimateMeasure(launches, measure);
  const results = own.map((each) => each.results);
  if (isFaultEffect(measure)) {
    const value = faultEffectsOf(results)?.[measure] ?? undefined;
    return value === undefined ? undefined : { value };
  }
  return estimateOverLaunches(results.map((each) => each[measure]));
}

function isFaultEffect(measure: ClaimFile['measure']): measure is keyof CellFaultEffects {
  return (FAULT_EFFECTS as readonly string[]).includes(measure);
}

function isMeasure(name: string): name is Measure {
  return (MEASURES as readonly string[]).includes(name);
}
