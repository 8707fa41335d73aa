import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeIn, endingIn } from '../../src/launch/browser/browser_failure.js';

const NOISE =
  '[1127/080755.775956:ERROR:dbus/bus.cc:405] Failed to connect to the bus: Failed to connect to socket\n';

const CASES: [log: string, cause: RegExp][] = [
  [
    'chrome: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file or directory\nended with status 127\n',
    /^the library libnss3\.so is missing; install/,
  ],
  [
    '[1:1:1127/080755.7:ERROR:zygote_host_impl_linux.cc(102)] Running as root without --no-sandbox is not supported.\nended with status 1\n',
    /^it refuses to run as root/,
  ],
  [
    '[FATAL:zygote_host_impl_linux.cc(127)] No usable sandbox! Update\n',
    /does not allow a sandbox/,
  ],
  ['run-browser: 3: ./chrome: Exec format error\nended with status 126\n', /not an executable/],
  [`${NOISE}pthread_create: Resource temporarily unavailable (11)\n`, /ulimit -u/],
  [`${NOISE}Killed\nended with status 137\n`, /^it ended with SIGKILL without a message$/],
  [`${NOISE}[1:FATAL:a.cc(3)] Check failed: fd >= 0.\nended with status 133\n`, /Check failed/],
  [`${NOISE}[7:FATAL:b.cc(9)] Check failed: . : Too many open files (24)\n`, /ulimit -n/],
  [`${NOISE}ended with status 3\n`, /^it ended with 3 without a message$/],
  [NOISE, /^it did not answer$/],
  ['cannot create directory: Permission denied\n', /permission .* was denied/],
];

for (const [log, cause] of CASES) {
  test(`the cause is found in ${log.slice(0, 60).trim()}`, () => assert.match(causeIn(log), cause));
}

test('a cause is one line, however long the log', () => {
  const cause = causeIn(`${NOISE.repeat(50)}${'x'.repeat(5000)}\nended with status 1\n`);
  assert.ok(cause.length < 300 && !cause.includes('\n'), cause);
});

test('a status above 128 is a signal', () => {
  assert.equal(endingIn('ended with status 139\n'), 'SIGSEGV');
  assert.equal(endingIn('ended with status 0\n'), 0);
  assert.equal(endingIn('still at it\n'), undefined);
});
