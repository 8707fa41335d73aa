/** Attempts made by shells in the place of engines: whether the host was reached is what it has seen, not what they say. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ATTEMPTS } from '../../src/probing/attempts.js';
import { type Outcome, probe } from '../../src/probing/probe.js';
import { Witness } from '../../src/probing/witness.js';

const witness = await Witness.start();
after(() => witness.stop());

function attempt(name: string, script: string, limitMs?: number): Promise<Outcome> {
  const found = ATTEMPTS.find((each) => each.name === name);
  assert.ok(found, name);
  const command = ['bash', '-c', `read -r name argument; ${script}`];
  const way = { folder: witness.grantable, ...(limitMs !== undefined && { limitMs }) };
  return probe(command, found, witness, way);
}

test('what an engine lets a program do is seen by its host', async () => {
  const reaching: [string, string][] = [
    ['read-host-file', 'echo "done $(cat "$argument")"'],
    ['write-host-file', 'echo probe >"$argument"; echo done'],
    ['read-environment', 'echo "done $(printenv "$argument")"'],
    ['read-host-name', 'echo "done $(uname -n)"'],
    ['connect', 'exec 3<>/dev/tcp/127.0.0.1/$argument; echo done'],
    ['see-host-sockets', 'echo "done $(tr "\\n" " " </proc/net/tcp)"'],
    ['see-process', 'echo "done $(tr "\\0" " " </proc/$argument/cmdline)"'],
    ['signal-process', 'kill -USR1 $argument; echo done'],
    ['use-granted-folder', 'echo "done $(cat "$argument")"'],
    ['leave-granted-folder', 'echo "done $(cat "$argument")"'],
    ['follow-link-out', 'echo "done $(cat "$argument")"'],
  ];
  for (const [name, script] of reaching) {
    const { reached, by } = await attempt(name, script);
    assert.ok(reached, `${name}: ${by}`);
    assert.ok(!by.includes(witness.secret), by);
  }
});

test('what it only claims, or what it has got of its own, is not reached', async () => {
  const names = [
    ...['read-host-file', 'write-host-file', 'read-environment', 'read-host-name', 'connect'],
    ...['see-host-sockets', 'see-process', 'signal-process', 'take-threads', 'take-memory'],
    ...['use-granted-folder', 'leave-granted-folder', 'follow-link-out', 'read-fine-clock'],
  ];
  for (const name of names) {
    const { reached, by } = await attempt(name, 'echo done 999999 ns >/dev/null; echo done mine');
    assert.equal(reached, false, name);
    assert.equal(by, 'its own: mine');
  }
  assert.equal((await attempt('take-threads', 'echo done 17 threads')).reached, false);
  assert.equal((await attempt('read-fine-clock', 'echo done 1000 ns')).reached, false);
  assert.equal((await attempt('read-fine-clock', 'echo done 999 ns')).reached, true);
});

test('what kept a program from it is said, and how its engine ended', async () => {
  assert.deepEqual(await attempt('fork', 'echo refused fork: not permitted'), {
    ...{ reached: false, by: 'fork: not permitted', host_sees: 'exit status 0' },
  });
  assert.deepEqual(await attempt('read-wild-address', 'kill -SEGV $$'), {
    ...{ reached: false, by: 'killed by SIGSEGV', host_sees: 'killed by SIGSEGV' },
  });
  const trapped =
    'echo "starting" >&2; printf "\\e[31mwasm trap: out of bounds\\e[0m\\n" >&2; exit 134';
  assert.deepEqual(await attempt('read-wild-address', trapped), {
    ...{ reached: false, by: 'wasm trap: out of bounds', host_sees: 'exit status 134' },
  });
  const logged = 'echo "[2026-11-28 17:00:00.125] [error] execution failed: unreachable"; exit 134';
  assert.deepEqual(await attempt('read-wild-address', logged), {
    ...{ reached: false, by: '[error] execution failed: unreachable' },
    host_sees: 'exit status 134',
  });
  assert.deepEqual(await attempt('overflow-stack', 'sleep 60 & wait', 100), {
    ...{ reached: false, by: 'had not ended in 0.1 s', host_sees: 'had not ended in 0.1 s' },
  });
  const missing = ATTEMPTS[0];
  assert.ok(missing);
  const outcome = await probe(['/nowhere/engine'], missing, witness);
  assert.match(outcome.by, /ENOENT/);
});
