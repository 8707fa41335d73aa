import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedProcessors } from '../../src/base/processors.js';
import { otherShare, readMachineTicks, ticksOf } from '../../src/measure/machine.js';

//                user nice system idle iowait irq softirq steal guest guest_nice
const STAT = `cpu  600 0 300 5000 100 0 0 30 50 0
cpu0 100 0 100 700 90 0 0 10 50 0
cpu1 200 0 0 800 0 0 0 0 0 0
cpu2 300 0 200 3500 10 0 0 20 0 0
intr 9
`;
const allowed = (list: string) =>
  allowedProcessors(`Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t${list}\n`);

test('only the processors that may be used count', () => {
  assert.deepEqual(ticksOf(STAT, allowed('0')), { cores: 1, busy: 200, steal: 10, total: 1000 });
  assert.deepEqual(ticksOf(STAT, allowed('1-2')), { cores: 2, busy: 700, steal: 20, total: 5030 });
  assert.deepEqual(ticksOf(STAT, allowed('0,2')).cores, 2);
});

test('this machine has processors, and they were busy', () => {
  const { cores, busy, total } = readMachineTicks();
  assert.ok(cores >= 1 && busy > 0 && total > busy);
});

test('what the trial does not explain was used by others', () => {
  const use = { busy: 0.9, steal: 0, throttled: null, cores: 1, pressure: null, seconds: 10 };
  // Under `taskset -c 0` nine seconds of ten are all that was used, whatever the machine has beside.
  assert.ok(Math.abs(otherShare(use, 9)) < 1e-12);
  assert.ok(Math.abs(otherShare({ ...use, cores: 2 }, 9) - 0.45) < 1e-12);
});
