/** How the throughput of a window is counted where few tasks fit into it. */
import { seededRandom } from '../src/experiment/random.js';
import { ProductCount } from '../src/measure/throughput.js';
import { estimateOfPositive } from '../src/stats/estimate.js';
import { normals } from '../test/stats/models.js';

/** By parts of tasks, as the harness does; or by whole ones that ended in the window. */
export type CountedBy = 'parts' | 'whole';

/** Standard deviations of the logarithm of a task's time: what launches and single tasks differ by. */
const LAUNCH = 0.03;
const TASK = 0.05;
const TASK_MS = 1000;

/**
 * The share of 95 % intervals that hold the true throughput. Of each launch a window is measured that
 * opens when a task has ended, and is so long that `tasks` of the mean time fit into it.
 */
export function throughputCoverageOf(
  by: CountedBy,
  tasks: number,
  launches: number,
  repetitions: number,
): number {
  const random = seededRandom(9);
  const normal = normals(random);
  // The mean of a log-normal time is longer than its median.
  const truth = 1000 / (TASK_MS * Math.exp(TASK ** 2 / 2));
  let holding = 0;
  for (let i = 0; i < repetitions; i++) {
    const measured = Array.from({ length: launches }, () => measureLaunch(by, tasks, normal));
    const { low = Number.NaN, high = Number.NaN } = estimateOfPositive(measured);
    if (low <= truth && truth <= high) holding++;
  }
  return holding / repetitions;
}

/** Products per second of one launch, in a closed loop with one request in flight. */
function measureLaunch(by: CountedBy, tasks: number, normal: () => number): number {
  const windowMs = tasks * TASK_MS;
  const typicalMs = TASK_MS * Math.exp(LAUNCH * normal());
  const parts = new ProductCount({ warm_up_s: 0, measured_s: windowMs / 1000, open: false });
  let whole = 0;
  for (let startMs = 0; startMs < windowMs; ) {
    const responseMs = typicalMs * Math.exp(TASK * normal());
    parts.record({ startMs, responseMs });
    startMs += responseMs;
    if (startMs < windowMs) whole++;
  }
  return by === 'parts' ? parts.perS : (1000 * whole) / windowMs;
}
