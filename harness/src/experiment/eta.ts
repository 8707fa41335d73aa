import type { Cell } from './cells.js';
import type { Experiment } from './experiment.js';

/**
 * Seconds that a trial takes, going by what a machine of two cores took; what trials of a run really
 * took corrects it as soon as there are any.
 */
export function expectedSeconds(cell: Cell, { repetition }: Experiment): number {
  const { duration_s, warm_up_limit_s } = repetition;
  const inBrowser = cell.system.engine === 'browser';
  const launch = inBrowser ? 0.5 + 0.16 * cell.workers : 0.16 + 0.03 * cell.workers;
  const warmUp = inBrowser ? browserWarmUp(cell) : 0.03 * cell.workers;
  const reading = SECONDS_PER_SAMPLE * samplesPerSecond(cell) * duration_s;
  return launch + Math.min(warmUp, warm_up_limit_s) + duration_s + reading;
}

/** Until every worker is steady each has computed some ten tasks, whose time is mostly that of the matrices' text. */
function browserWarmUp({ n, workers }: Cell): number {
  return 0.18 * workers * (n / 128) ** 2.5;
}

/** Reading and compressing. */
const SECONDS_PER_SAMPLE = 6e-6;

function samplesPerSecond({ system, n, ratePerS }: Cell): number {
  if (ratePerS !== null) return ratePerS;
  const most = { inproc: 300_000, tcp: 20_000, rest: 300 }[system.transport];
  // Where multiplying is all there is to do.
  return Math.min(most, 5e10 / n ** 3);
}
