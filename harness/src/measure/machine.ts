import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { throttledSeconds } from '../base/cgroup.js';
import { allowedProcessors, type Processors } from '../base/processors.js';

/**
 * Processor time, since the machine started, of those of its processors that this process and what
 * it starts may use (taskset, cpusets), in ticks.
 */
export interface MachineTicks {
  readonly cores: number;
  readonly busy: number;
  /** Taken by other guests of the same host. */
  readonly steal: number;
  readonly total: number;
}

/** What the machine did in a while: shares of the time of the processors that may be used, 0 to 1. */
export interface MachineUse {
  readonly busy: number;
  readonly steal: number;
  /** In which the quota of the control group kept its programs off them; null: it has none. */
  readonly throttled: number | null;
  readonly cores: number;
  /** Shares of the while in which something waited for `cpu`, `io`, `memory`; null: unknown. */
  readonly pressure: Readonly<Record<string, number>> | null;
  readonly seconds: number;
}

/**
 * Begins to watch the processors (null: all that this process may use); the function that is returned
 * says what happened since.
 */
export function watchMachine(processors: Processors = null): () => MachineUse {
  const ticksBefore = readMachineTicks(processors);
  const stallsBefore = readStalls();
  const throttledBefore = throttledSeconds();
  const begin = performance.now();
  return () => {
    const seconds = (performance.now() - begin) / 1000;
    const { cores } = ticksBefore;
    const throttledS = throttledSeconds();
    return {
      ...shareOf(ticksBefore, readMachineTicks(processors)),
      throttled:
        throttledS === null ? null : (throttledS - (throttledBefore ?? 0)) / (seconds * cores),
      cores,
      pressure: pressureOf(stallsBefore, readStalls(), seconds),
      seconds,
    };
  };
}

/**
 * The part of the processors' time that `ownCpuS` seconds do not explain: what programs used that are
 * none of ours, 0 to 1.
 */
export function otherShare({ busy, cores, seconds }: MachineUse, ownCpuS: number): number {
  return Math.max(0, busy - ownCpuS / (seconds * cores));
}

/** Runnable and waiting processes, averaged over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

/** Of these processors; null: of all that this process may use. */
export function readMachineTicks(processors: Processors = null): MachineTicks {
  return ticksOf(readFileSync('/proc/stat', 'utf8'), processors ?? allowedProcessors());
}

/** Reads /proc/stat, https://man7.org/linux/man-pages/man5/proc_stat.5.html, for these processors. */
export function ticksOf(stat: string, processors: readonly number[]): MachineTicks {
  const allowed = new Set(processors);
  let [cores, busy, steal, total] = [0, 0, 0, 0];
  for (const line of stat.split('\n')) {
    const [name = '', ...fields] = line.trim().split(/\s+/);
    const number = /^cpu(\d+)$/.exec(name)?.[1];
    if (number === undefined || !allowed.has(Number(number))) continue;
    // Guest time, the last two fields, is part of user and nice.
    const ticks = fields.slice(0, 8).map(Number);
    const all = ticks.reduce((sum, value) => sum + value, 0);
    const stolen = ticks[7] ?? 0;
    cores++;
    total += all;
    steal += stolen;
    busy += all - (ticks[3] ?? 0) - (ticks[4] ?? 0) - stolen;
  }
  return { cores, busy, steal, total };
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
