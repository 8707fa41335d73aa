import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { cgroupLimits, memoryKills, throttledSeconds } from '../../src/base/cgroup.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));
let machines = 0;

/** The root folder of a machine with these files. */
function machine(files: Record<string, string>): string {
  const root = join(folder, String(++machines));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const V2 = {
  'proc/self/cgroup': '0::/srv/run\n',
  'proc/self/mountinfo':
    '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n',
};

const V1 = {
  'proc/self/cgroup': '5:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/docker/ab\n',
  'proc/self/mountinfo': [
    '31 30 0:28 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory',
    '32 30 0:29 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct',
    '33 30 0:30 /docker/ab /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n'),
};

test('version 2: the tightest limit of the group and those around it, and the most throttled', () => {
  const root = machine({
    ...V2,
    'sys/fs/cgroup/srv/cpu.max': '150000 100000\n',
    'sys/fs/cgroup/srv/memory.max': '1073741824\n',
    'sys/fs/cgroup/srv/cpu.stat': 'usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n',
    'sys/fs/cgroup/srv/run/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/srv/run/memory.max': 'max\n',
    'sys/fs/cgroup/srv/run/cpu.stat': 'usage_usec 9\nnr_throttled 0\nthrottled_usec 0\n',
    'sys/fs/cgroup/srv/run/memory.events': 'low 0\noom 1\noom_kill 2\noom_group_kill 0\n',
  });
  assert.deepEqual(cgroupLimits(root), { cpus: 1.5, memory_bytes: 2 ** 30 });
  assert.equal(throttledSeconds(root), 2.5);
  assert.equal(memoryKills(root), 2);
});

test('version 1: quota, limit and throttling in its own files, in a container that sees its group as the root', () => {
  const root = machine({
    ...V1,
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.stat':
      'nr_periods 9\nnr_throttled 3\nthrottled_time 1500000000\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '2147483648\n',
    'sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
  });
  assert.deepEqual(cgroupLimits(root), { cpus: 0.5, memory_bytes: 2 ** 31 });
  assert.equal(throttledSeconds(root), 1.5);
  assert.equal(memoryKills(root), 3);
});

test('memory beyond which a group is slowed down is a limit, and every mount is looked at', () => {
  const root = machine({
    'proc/self/cgroup': '0::/srv/run\n',
    'proc/self/mountinfo': [
      '30 24 0:26 /elsewhere /mnt/other rw - cgroup2 cgroup2 rw',
      '31 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    ].join('\n'),
    'sys/fs/cgroup/srv/memory.max': '2147483648\n',
    'sys/fs/cgroup/srv/run/memory.high': '1073741824\n',
    'sys/fs/cgroup/srv/run/memory.max': 'max\n',
    'sys/fs/cgroup/srv/run/cpu.max': '50000 100000\n',
    'sys/fs/cgroup/srv/run/memory.events': 'oom_kill 2\n',
    'mnt/other/memory.max': 'max\n',
  });
  assert.deepEqual(cgroupLimits(root), { cpus: 0.5, memory_bytes: 2 ** 30 });
  assert.equal(memoryKills(root), 2);
});

test('no limit is null, in both versions, and nothing is throttled then', () => {
  const v1 = machine({
    ...V1,
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  });
  const v2 = machine({ ...V2, 'sys/fs/cgroup/srv/cpu.max': 'max 100000\n' });
  for (const root of [v1, v2, machine({ 'proc/self/cgroup': '' })]) {
    assert.deepEqual(cgroupLimits(root), { cpus: null, memory_bytes: null });
    assert.equal(throttledSeconds(root), null);
  }
});

test('where groups do not count what the kernel killed, the machine does', () => {
  const files = { ...V2, 'proc/vmstat': 'nr_free_pages 7\noom_kill 5\n' };
  assert.equal(memoryKills(machine(files)), 5);
  assert.ok(Number.isNaN(memoryKills(machine(V2))));
});
