import { type Cell, cellsOf } from './cells.js';
import { counterpartOf } from './duet.js';
import type { Experiment } from './experiment.js';
import { paceOf } from './pace.js';

/**
 * As many responses as carry a median, 20 (stats/quantile.ts), and a fifth more, since how long they
 * take is an expectation.
 */
const FEWEST_RESPONSES = 24;
/** What the load generator takes, and `duration_s`. */
const LONGEST_S = 86_400;
const MOST_NAMED = 4;

/**
 * For how long a trial of the cell measures, in seconds: the duration of the experiment, or until
 * as many responses can be expected as say something, where that takes longer. Both sides of a duet
 * measure for as long as the slower one needs.
 */
export function windowSeconds(cell: Cell, experiment: Experiment): number {
  const { duration_s } = experiment.repetition;
  const atOnce = experiment.duet ? [cell, counterpartOf(cell, cellsOf(experiment))] : [cell];
  const responsesPerS = Math.min(...atOnce.map((one) => paceOf(one, experiment).responsesPerS));
  const seconds = responsesWanted(experiment) / responsesPerS;
  return Math.min(LONGEST_S, Math.max(duration_s, Math.ceil(10 * seconds) / 10));
}

/** A sentence about the cells that are measured for longer than the experiment's duration, if any. */
export function longerWindows(experiment: Experiment): string | undefined {
  const { duration_s } = experiment.repetition;
  const longer = cellsOf(experiment).flatMap((cell) => {
    const seconds = windowSeconds(cell, experiment);
    return seconds > duration_s ? [`${cell.key} for ${seconds} s`] : [];
  });
  if (longer.length === 0) return undefined;
  const rest = longer.length - MOST_NAMED;
  const named = [...longer.slice(0, MOST_NAMED), ...(rest > 0 ? [`${rest} more cells`] : [])];
  return `measured for longer than ${duration_s} s, until ${responsesWanted(experiment)} responses can be expected: ${named.join(', ')}`;
}

function responsesWanted({ repetition: { samples } }: Experiment): number {
  return Math.min(FEWEST_RESPONSES, samples ?? Number.POSITIVE_INFINITY);
}
