import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Processor time of the whole machine since it started, in ticks. */
export interface MachineTicks {
  readonly busy: number;
  /** Taken by other guests of the same host. */
  readonly steal: number;
  readonly total: number;
}

/** What the machine did in a while: shares of its processor time, 0 to 1. */
export interface MachineUse {
  readonly busy: number;
  readonly steal: number;
  /** Shares of the while in which something waited for `cpu`, `io`, `memory`; null: not told. */
  readonly pressure: Readonly<Record<string, number>> | null;
  readonly seconds: number;
}

/** Begins to watch the machine; the function that is returned says what happened since. */
export function watchMachine(): () => MachineUse {
  const ticksBefore = readMachineTicks();
  const stallsBefore = readStalls();
  const begin = performance.now();
  return () => {
    const seconds = (performance.now() - begin) / 1000;
    return {
      ...shareOf(ticksBefore, readMachineTicks()),
      pressure: pressureOf(stallsBefore, readStalls(), seconds),
      seconds,
    };
  };
}

/**
 * The part of the machine's processor time that `ownCpuS` seconds do not explain: what programs used
 * that are none of ours, 0 to 1.
 */
export function otherShare({ busy, seconds }: MachineUse, ownCpuS: number): number {
  return Math.max(0, busy - ownCpuS / (seconds * availableParallelism()));
}

/** Runnable and waiting processes, averaged over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
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

function shareOf(before: MachineTicks, after: MachineTicks): { busy: number; steal: number } {
  const total = Math.max(1, after.total - before.total);
  return { busy: (after.busy - before.busy) / total, steal: (after.steal - before.steal) / total };
}

/**
 * Microseconds in which some task waited, by resource; null where the kernel does not count them.
 * https://docs.kernel.org/accounting/psi.html
 */
function readStalls(): Record<string, number> | null {
  const stalls: Record<string, number> = {};
  try {
    for (const resource of ['cpu', 'io', 'memory']) {
      const text = readFileSync(`/proc/pressure/${resource}`, 'utf8');
      stalls[resource] = Number(/^some .*total=(\d+)/m.exec(text)?.[1]);
    }
    return stalls;
  } catch {
    return null;
  }
}

function pressureOf(
  before: Record<string, number> | null,
  after: Record<string, number> | null,
  seconds: number,
): Record<string, number> | null {
  if (before === null || after === null) return null;
  const shares = Object.entries(after).map(([resource, us]) => {
    return [resource, (us - (before[resource] ?? 0)) / (seconds * 1e6)];
  });
  return Object.fromEntries(shares);
}
