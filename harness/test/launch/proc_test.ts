import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  cpuSecondsOf,
  familyCpuSecondsOf,
  familyOf,
  signalGroup,
} from '../../src/launch/parts/proc.js';
import { until } from '../until.js';

const BUSY = `
  while (process.cpuUsage().user < 300_000);
  if (process.argv[1] === 'stay') setInterval(() => {}, 1e6);`;

test('what a process has started counts as its own, before and after it has ended', async (t) => {
  const script = '"$0" -e "$1"; "$0" -e "$1" stay & echo ready; wait';
  const shell = spawn('sh', ['-c', script, process.execPath, BUSY], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const pid = shell.pid ?? Number.NaN;
  t.after(() => signalGroup(pid, 'SIGKILL'));
  await once(shell.stdout, 'data');
  await until(() => familyCpuSecondsOf(pid) > 0.55);
  assert.equal(familyOf(pid).length, 2);
  assert.ok(cpuSecondsOf(pid) < 0.2);
});
