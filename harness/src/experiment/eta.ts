import type { Cell } from './cells.js';
import type { Experiment } from './experiment.js';

/** Seconds that a trial takes, going by what is known before it was ever run. */
export function expectedSeconds(cell: Cell, { repetition }: Experiment): number {
  const { duration_s, warm_up_limit_s } = repetition;
  const inBrowser = cell.system.engine === 'browser';
  const launch = inBrowser ? LAUNCH_S.browser : LAUNCH_S.native;
  const perWorker = inBrowser ? PER_WORKER_S.browser : PER_WORKER_S.native;
  const warmUp = inBrowser ? 0.2 * cell.workers : 0.05;
  const afterwards = READING_S * duration_s * (inBrowser ? 0 : 1);
  return (
    launch + perWorker * cell.workers + Math.min(warmUp, warm_up_limit_s) + duration_s + afterwards
  );
}

// What a machine of two cores took; it is replaced by what trials of this run took as soon as there are any.
const LAUNCH_S = { native: 0.2, browser: 0.6 };
const PER_WORKER_S = { native: 0.01, browser: 0.1 };
/** Reading and compressing the samples of a second. */
const READING_S = 0.1;
