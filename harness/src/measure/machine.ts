import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

/** Processor time of the whole machine since it started, in ticks. */
export interface MachineTicks {
  readonly busy: number;
  /** Taken by other guests of the same host. */
  readonly steal: number;
  readonly total: number;
}

/** Reads the first line of /proc/stat: https://man7.org/linux/man-pages/man5/proc_stat.5.html */
export function readMachineTicks(): MachineTicks {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // Guest time, the last two fields, is part of user and nice.
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const steal = ticks[7] ?? 0;
  return { busy: total - idle - steal, steal, total };
}

/**
 * The parts of the machine's processor time that were used and stolen between two readings, 0 to 1.
 */
export function shareOf(
  before: MachineTicks,
  after: MachineTicks,
): { busy: number; steal: number } {
  const total = Math.max(1, after.total - before.total);
  return { busy: (after.busy - before.busy) / total, steal: (after.steal - before.steal) / total };
}

/** Runnable and waiting processes, averaged over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}
