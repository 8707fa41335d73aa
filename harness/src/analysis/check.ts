/** Whether a run on one machine bears out what a run on another one found. */
import type { Experiment } from '../experiment/experiment.js';
import type { Estimate } from '../stats/estimate.js';
import type { Launch, Measure } from '../stats/launch.js';
import { compareCells } from './comparisons.js';
import { contrastCells } from './contrasts.js';
import { type Ratios, ratiosOf } from './ratios.js';
import { identityOf, isOversubscribed, type LaunchOfCell } from './summary.js';

/** A run, as far as it is checked. */
export interface CheckedRun {
  readonly experiment: Experiment;
  readonly cores: number;
  /** The valid ones. */
  readonly launches: readonly LaunchOfCell[];
}

/**
 * `unsure`: the launches of the run are too few, or differ too much from each other, to say whether it
 * bears out the reference; `left out`: it has nothing to check the ratio with, or workers take turns in one
 * of the two alone.
 */
export type CheckVerdict = 'pass' | 'fail' | 'unsure' | 'left out';

/** What became of one ratio of the reference. */
export interface CheckedRatio {
  /** The two cells, as the reference calls them. */
  readonly cell: string;
  readonly over: string;
  readonly measure: Measure;
  readonly reference: Estimate;
  /** Absent where the run has no counterpart. */
  readonly found?: Estimate;
  readonly verdict: CheckVerdict;
  /** Why it does not pass; empty where it does. */
  readonly because: string;
}

/** In this order: the first that both runs have is the one that is checked. */
const CHECKED = [
  { field: 'response_ratio', measure: 'median_response_ms' },
  { field: 'mean_response_ratio', measure: 'mean_response_ms' },
] as const;

/**
 * Checks each ratio of response times that the reference has, those of its comparisons and those of its
 * contrasts. Where its interval tells two cells apart, the same one must be the slower in the other run,
 * and each ratio must lie within a factor of the reference's. Cells are the same where all axes are,
 * whatever the two experiments call them.
 */
export function check(reference: CheckedRun, found: CheckedRun, factor: number): CheckedRatio[] {
  const theirs = cellsOf(reference);
  const own = new Map(cellsOf(found).map((cell) => [cell.identity, cell]));
  return ratiosIn(reference).flatMap((ratios) => {
    const [one, other] = [ratios.cell, ratios.over].map((name) => {
      const there = theirs.find(({ key }) => key === name);
      return { there, here: own.get(there?.identity ?? '') };
    }) as [BothCells, BothCells];
    return checkRatio(ratios, one, other, factor) ?? [];
  });
}

/** A cell of the reference, and the same one of the run, as far as each has it. */
interface BothCells {
  readonly there: CheckedCell | undefined;
  readonly here: CheckedCell | undefined;
}

/** undefined where the reference itself has no ratio of response times. */
function checkRatio(
  ratios: RatiosOfCells,
  one: BothCells,
  other: BothCells,
  factor: number,
): CheckedRatio | undefined {
  const own = one.here && other.here && ratiosOf(other.here.launches, one.here.launches);
  const known = CHECKED.filter(({ field }) => ratios[field] !== undefined);
  const { field, measure } = known.find((each) => own?.[each.field]) ?? known[0] ?? {};
  if (field === undefined || measure === undefined) return undefined;
  const reference = ratios[field] as Estimate;
  const found = own?.[field];
  const of = { cell: ratios.cell, over: ratios.over, measure, reference };
  if (found === undefined) {
    return { ...of, verdict: 'left out', because: 'not measured in one block' };
  }
  if ([one, other].some(({ there, here }) => there?.oversubscribed !== here?.oversubscribed)) {
    const because = 'more workers than processors on one of the machines alone';
    return { ...of, found, verdict: 'left out', because };
  }
  return { ...of, found, ...judge(reference, found, factor) };
}

interface CheckedCell {
  readonly key: string;
  readonly identity: string;
  readonly oversubscribed: boolean;
  readonly launches: readonly Launch[];
}

function cellsOf({ launches, cores }: CheckedRun): CheckedCell[] {
  const cells = new Map<string, LaunchOfCell[]>();
  for (const launch of launches) {
    const { cell } = launch.row;
    cells.set(cell, [...(cells.get(cell) ?? []), launch]);
  }
  return [...cells].map(([key, own]) => {
    const { row } = own[0] as LaunchOfCell;
    return {
      key,
      identity: identityOf(row),
      oversubscribed: isOversubscribed(row, cores),
      launches: own.map(({ launch }) => launch),
    };
  });
}

type RatiosOfCells = Ratios & { readonly cell: string; readonly over: string };

/** Each two cells once, although a comparison and a contrast may both be of them. */
function ratiosIn({ experiment, launches }: CheckedRun): RatiosOfCells[] {
  const all: RatiosOfCells[] = [
    ...compareCells(experiment, launches),
    ...contrastCells(experiment, launches),
  ];
  const pairs = all.map(({ cell, over }) => [cell, over].sort().join('\n'));
  return all.filter((_, i) => pairs.indexOf(pairs[i] ?? '') === i);
}

function judge(
  reference: Estimate,
  found: Estimate,
  factor: number,
): Pick<CheckedRatio, 'verdict' | 'because'> {
  const [slowerThere, slowerHere] = [reference.value > 1, found.value > 1];
  const isOpposite = !holds(reference, 1, 1) && slowerThere !== slowerHere;
  const apart = found.value / reference.value;
  const isFar = Math.max(apart, 1 / apart) > factor;
  const verdict = (isSure: boolean) => (isSure ? ('fail' as const) : ('unsure' as const));
  if (isOpposite) {
    return { verdict: verdict(!holds(found, 1, 1)), because: 'the other one is slower here' };
  }
  if (isFar) {
    const isSure = !holds(found, reference.value / factor, reference.value * factor);
    const times = apart > 1 ? apart : 1 / apart;
    const because = `${times.toFixed(2)} times as ${apart > 1 ? 'large' : 'small'} as in the reference`;
    return { verdict: verdict(isSure), because };
  }
  return { verdict: 'pass', because: '' };
}

/** Whether the interval has a value between the bounds; without an interval, whether the value is. */
function holds({ value, low = value, high = value }: Estimate, from: number, to: number): boolean {
  return low <= to && high >= from;
}
