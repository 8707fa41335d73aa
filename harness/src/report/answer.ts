import type { Analysis } from '../analysis/analysis.js';
import type { CellSummary } from '../analysis/summary.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Estimate } from '../stats/estimate.js';
import {
  basisOf,
  placeOf,
  variantOf,
  varyingConditions,
  withCells,
  withWorkers,
} from './cells_in_words.js';
import { faultAnswer } from './fault_answer.js';
import { percent, plain, times, withBounds } from './numbers.js';

/** Goodput over the offered rate, from which on a system keeps up with it. */
const KEEPS_UP = 0.95;

type Found = Pick<Analysis, 'cells' | 'comparisons'>;

/**
 * The answer to the question of an experiment: a sentence, of numbers with their intervals, in the form
 * that the experiment asks for. Cells in which workers take turns on the cores, or which do not keep up
 * with what arrives, are left out: what they say is of the queue. Says why where there is no answer.
 */
export function answerOf(experiment: Experiment, found: Found): string {
  if (found.cells.length === 0) return 'no number: no trial succeeded';
  return ANSWERS[experiment.answer](experiment, found);
}

const ANSWERS: Readonly<
  Record<Experiment['answer'], (experiment: Experiment, found: Found) => string>
> = {
  cost,
  'speed-up': speedUp,
  'compute-share': computeShare,
  capacity,
  faults: (_, { cells }) => faultAnswer(cells),
};

/** How the last system compares with the one that the question names, at its first and last conditions. */
function cost({ systems, over }: Experiment, { cells, comparisons }: Found): string {
  const all = withCells(comparisons, cells);
  const last = all.at(-1);
  if (last === undefined) return whyNone(systems.length, over, cells);
  const name = variantOf(last.cell, cells);
  const fit = all.filter(
    ({ cell, over: base }) => variantOf(cell, cells) === name && isFit(cell) && isFit(base),
  );
  if (fit.length === 0) {
    return `no number: at no condition do ${name} and ${over} both keep up, with a core for each worker`;
  }
  const measure = COST_MEASURES.find(({ field }) => fit.every(({ told }) => told[field]));
  if (measure === undefined) {
    return `no number: ${name} and ${over} have too few samples, or no valid launch in the same block`;
  }
  const ends = firstAndLast(fit);
  const points = ends.map(({ cell }) => cell);
  const ratios = ends.map(({ told }) => told[measure.field] as Estimate);
  const [first = '', ...others] = ratios.map((ratio, i) =>
    [times(ratio), ...(i === 0 ? [`as long as ${over}`] : []), ...placesOf(points, i)].join(' '),
  );
  const subject = [name, ...commonWorkers(points), 'takes', first].join(' ');
  const basis = `(${measure.words}, ${basisOf(points, ratios)})`;
  const note = ratios.every(holdsOne) ? '; an interval that holds 1 shows no difference' : '';
  return `${[subject, ...others].join(' and ')} ${basis}${note}`;
}

const COST_MEASURES = [
  { field: 'response_ratio', words: 'median response' },
  { field: 'mean_response_ratio', words: 'mean response' },
] as const;

function whyNone(systems: number, over: string, cells: readonly CellSummary[]): string {
  if (systems === 1) return `no number: only ${over} was measured, so there is nothing to compare`;
  if (cells.every(({ system }) => system !== over)) {
    return `no number: ${over}, with which the others are compared, has no valid trial`;
  }
  return `no number: nothing else was measured under the same conditions as ${over}`;
}

/** How much more each system does with as many workers as it had cores for than with one. */
function speedUp(_: Experiment, { cells }: Found): string {
  const points = systemsOf(cells).flatMap((system) => {
    const own = cells.filter((cell) => cell.system === system && cell.workers > 1 && isFit(cell));
    const most = Math.max(...own.map(({ workers }) => workers));
    return own.filter((cell) => cell.workers === most && cell.speed_up !== undefined).slice(-1);
  });
  if (points.length === 0) {
    return 'no number: no system was measured with one worker and with more, a core for each';
  }
  const speedUps = points.map((cell) => cell.speed_up as Estimate);
  const told = points.map((cell, i) => {
    const conditions = varyingConditions(points).filter(({ name }) => name !== 'workers');
    const place = conditions.map((axis) => placeOf(cell, axis));
    return [cell.system, withWorkers(cell), times(speedUps[i] as Estimate), ...place].join(' ');
  });
  return `of the throughput of one worker, ${listed(told)} (${basisOf(points, speedUps)})`;
}

/** Which part of a request is computing, in the system that the question names and in the last one. */
function computeShare({ over }: Experiment, { cells }: Found): string {
  const fit = cells.filter(isFit);
  const last = fit.at(-1)?.system;
  const told = systemsOf(fit).filter((system) => system === over || system === last);
  if (told.length === 0) return 'no number: no system had a core for each worker and kept up';
  const points = told.map((system) => firstAndLast(fit.filter((cell) => cell.system === system)));
  const all = points.flat();
  const shares = points.map((own, i) => {
    const ends = own.map((cell) => {
      const place = placesOf(all, all.indexOf(cell));
      return [withBounds(cell.compute_share, percent), ...place].join(' ');
    });
    return `${ends.join(' and ')} in ${told[i]}`;
  });
  return `computing is ${shares.join(', and ')} (${basisOf(
    all,
    all.map(({ compute_share }) => compute_share),
  )})`;
}

/** The highest rate up to which the median response time of each system at most doubles. */
function capacity(_: Experiment, { cells }: Found): string {
  const open = cells.filter((cell) => cell.rate_per_s !== null && !cell.oversubscribed);
  const told = systemsOf(open).map((system) => {
    const own = open.filter((cell) => cell.system === system);
    const { median_response_ms: least } = own[0] as CellSummary;
    const rises = own.findIndex(({ median_response_ms: ms }) => !(ms.value <= RISE * least.value));
    const risen = rises === -1 ? undefined : own[rises];
    const last = own[rises === -1 ? own.length - 1 : rises - 1];
    if (last === undefined) return `not known for ${system}`;
    const beyond = risen ? `; ${msAt(risen)} at ${risen.rate_per_s}` : ', the highest offered';
    return `up to ${last.rate_per_s} requests/s for ${system} (${msAt(last)}${beyond})`;
  });
  if (told.length === 0) return 'no number: no rate was offered with a core for each worker';
  const basis = basisOf(
    open,
    open.map(({ median_response_ms }) => median_response_ms),
  );
  return `response times at most double ${listed(told)} (median response, ${basis})`;
}

const RISE = 2;

function msAt({ median_response_ms }: CellSummary): string {
  return withBounds(median_response_ms, plain, ' ms');
}

/** Whether what is measured is the system, rather than its queue, or workers that wait for a core. */
function isFit({ oversubscribed, rate_per_s: rate, throughput_per_s }: CellSummary): boolean {
  if (oversubscribed) return false;
  const { value, high = value } = throughput_per_s;
  // Few arrivals are as many as are expected only by chance.
  return rate === null || value >= KEEPS_UP * rate || high >= rate;
}

function systemsOf(cells: readonly CellSummary[]): string[] {
  return [...new Set(cells.map(({ system }) => system))];
}

function firstAndLast<T>(all: readonly T[]): T[] {
  return all.filter((_, i) => i === 0 || i === all.length - 1);
}

/** In what the cell differs from others of a sentence. */
function placesOf(cells: readonly CellSummary[], i: number): string[] {
  return varyingConditions(cells).map((axis) => placeOf(cells[i] as CellSummary, axis));
}

/** Nothing where the cells differ in it. */
function commonWorkers(cells: readonly CellSummary[]): string[] {
  const varies = varyingConditions(cells).some(({ name }) => name === 'workers');
  return varies ? [] : cells.slice(0, 1).map(withWorkers);
}

function listed(parts: readonly string[]): string {
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter(Boolean).join(' and ');
}

function holdsOne({ low, high }: Estimate): boolean {
  return low !== undefined && high !== undefined && low <= 1 && high >= 1;
}
