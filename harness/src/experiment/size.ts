import { UsageError } from '../base/errors.js';
import type { Experiment } from './experiment.js';

/** More trials than anybody waits for: with the shortest, of half a second, half a day. */
const MOST_TRIALS = 100_000;

/** Throws UsageError when there would be more trials than a run can have, before any of them is made. */
export function checkSize(cells: number, experiment: Experiment): void {
  const { launches, duration_s } = experiment.repetition;
  const trials = cells * launches;
  if (trials <= MOST_TRIALS) return;
  const span = inWords(trials * duration_s);
  throw new UsageError(
    `${trials} trials (${cells} cells × ${launches} launches) would measure for ${span}; expected at most ${MOST_TRIALS}: give ${narrower(experiment)}`,
  );
}

/** What to give less of: that of which there is most comes first. */
function narrower({ axes, systems, repetition }: Experiment): string {
  const counts: [flag: string, count: number][] = [
    ...Object.entries(axes).map(([axis, values]): [string, number] => [
      `values of ${axis}`,
      values.length,
    ]),
    ['systems', systems.length],
    ['launches', repetition.launches],
  ];
  const most = counts.filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  return most
    .slice(0, 3)
    .map(([what, count]) => `fewer ${what} (now ${count})`)
    .join(', or ');
}

const UNITS = [
  ['years', 365 * 86_400],
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
] as const;

/** `8 days`, by the largest unit of which there are two. */
export function inWords(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${unit}`;
  }
  return `${Math.ceil(seconds)} seconds`;
}
