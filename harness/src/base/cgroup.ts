import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * What the control groups around this process allow, and what they did to it, of version 2
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html) and of version 1
 * (https://docs.kernel.org/admin-guide/cgroup-v1/, scheduler/sched-bwc.html), which a machine may
 * have at once. `root` is another machine's root folder, for tests.
 */

/** The tightest limits of the group and of those around it; null is no limit. */
export interface CgroupLimits {
  /** Processors' worth of time. */
  readonly cpus: number | null;
  readonly memory_bytes: number | null;
}

export function cgroupLimits(root = '/'): CgroupLimits {
  const cpus = [
    ...readAll(root, 'cpu', 2, 'cpu.max').map((text) => ratio(...text.split(' '))),
    ...readAll(root, 'cpu', 1, 'cpu.cfs_quota_us', 'cpu.cfs_period_us').map((text) =>
      ratio(...text.split('\n')),
    ),
  ];
  const bytes = [
    ...readAll(root, 'memory', 2, 'memory.max'),
    // Beyond "high" the kernel slows a process down until it hardly moves.
    ...readAll(root, 'memory', 2, 'memory.high'),
    ...readAll(root, 'memory', 1, 'memory.limit_in_bytes'),
  ].map(Number);
  return {
    cpus: tightest(cpus),
    memory_bytes: tightest(bytes.filter((limit) => limit < UNLIMITED_BYTES)),
  };
}

/**
 * Seconds for which the quota has kept the group, or one around it, off the processors so far,
 * those of each processor added up; null where no group has a quota.
 */
export function throttledSeconds(root = '/'): number | null {
  const times = [
    ...readAll(root, 'cpu', 2, 'cpu.stat').map((text) => field(text, 'throttled_usec') / 1e6),
    ...readAll(root, 'cpu', 1, 'cpu.stat').map((text) => field(text, 'throttled_time') / 1e9),
  ].filter(Number.isFinite);
  return cgroupLimits(root).cpus === null || times.length === 0 ? null : Math.max(...times);
}

/**
 * Processes of the group, or where groups do not count them of the machine, that the kernel has
 * ended so far for want of memory; NaN where it does not tell.
 */
export function memoryKills(root = '/'): number {
  const [own] = [
    ...readAll(root, 'memory', 2, 'memory.events'),
    ...readAll(root, 'memory', 1, 'memory.oom_control'),
  ];
  const ofGroup = field(own ?? '', 'oom_kill');
  const ofMachine = field(readText(join(root, 'proc/vmstat')) ?? '', 'oom_kill');
  return Number.isNaN(ofGroup) ? ofMachine : Math.max(ofGroup, 0);
}

/** Version 1 writes "no limit" as the largest multiple of a page. */
const UNLIMITED_BYTES = 2 ** 62;

type Version = 1 | 2;

/** The contents of these files, a line each, of each group that has them all; the own one first. */
function readAll(root: string, controller: string, version: Version, ...names: string[]): string[] {
  return groupsOf(root, controller, version).flatMap((folder) => {
    const texts = names.map((name) => readText(join(folder, name)));
    return texts.includes(null) ? [] : [texts.join('\n')];
  });
}

/**
 * The folders of the group of this process and of those around it, as far as they can be seen; the
 * own one first. Of each mount: one may show what another hides.
 */
function groupsOf(root: string, controller: string, version: Version): string[] {
  const own = ownGroup(root, controller, version) ?? '/';
  const seen = mountsOf(root, controller, version).flatMap((mount) => {
    // A container sees its group, or one around it, as the root of the mount.
    const inside = relative(mount.root, own);
    const parts = inside.startsWith('..') ? [] : inside.split('/').filter(Boolean);
    return Array.from({ length: parts.length + 1 }, (_, i) => ({
      folder: join(root, mount.point, ...parts.slice(0, parts.length - i)),
      around: i,
    }));
  });
  return seen.sort((a, b) => a.around - b.around).map(({ folder }) => folder);
}

/** https://man7.org/linux/man-pages/man7/cgroups.7.html, /proc/[pid]/cgroup. */
function ownGroup(root: string, controller: string, version: Version): string | undefined {
  const lines = (readText(join(root, 'proc/self/cgroup')) ?? '').split('\n');
  for (const line of lines) {
    const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (version === 2 ? names === '' : names.split(',').includes(controller)) return path;
  }
  return undefined;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function mountsOf(
  root: string,
  controller: string,
  version: Version,
): { root: string; point: string }[] {
  const lines = (readText(join(root, 'proc/self/mountinfo')) ?? '').split('\n');
  return lines.flatMap((line) => {
    const [mount = '', origin = ''] = line.split(' - ');
    const [, , , from = '', point = ''] = mount.split(' ');
    const [type = '', , options = ''] = origin.split(' ');
    const fits =
      version === 2
        ? type === 'cgroup2'
        : type === 'cgroup' && options.split(',').includes(controller);
    return fits ? [{ root: from, point }] : [];
  });
}

/** `max` and -1 are no limit. */
function ratio(quota = '', period = ''): number {
  return Number(quota) > 0 ? Number(quota) / Number(period) : Number.NaN;
}

function tightest(limits: readonly number[]): number | null {
  const finite = limits.filter(Number.isFinite);
  return finite.length > 0 ? Math.min(...finite) : null;
}

/** The number after a name at the start of a line; NaN where there is none. */
function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
