/** As the first process of a container, where nobody else reaps: setup/as-init in a namespace of pids. */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { MAIN } from '../places.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs a script of bash under as-init, which is process 1. */
function asInit(script: string): SpawnSyncReturns<string> {
  const namespace = ['--pid', '--fork', '--mount-proc', '--kill-child'];
  const command = [join(ROOT, 'setup', 'as-init'), 'bash', '-c', script];
  return spawnSync('unshare', [...namespace, ...command], { encoding: 'utf8' });
}

const allowed = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
const skip = allowed ? false : 'this user may not make a namespace of process ids';

/** Lists what has ended and was not reaped, of process 1's. */
const ZOMBIES = `for stat in /proc/[0-9]*/stat; do
  read -r line <$stat || continue
  case $line in *') Z 1 '*) echo "$line" ;; esac
done`;

test('what a browser leaves behind is reaped', { skip }, () => {
  const cells = '--systems ws-wasm --workers 2 --quick --duration 0.5 --n 32';
  const harness = `'${process.execPath}' '${MAIN}' ${cells} --out '${folder}/results'`;
  const { status, stdout, stderr } = asInit(`${harness} >&2 || exit; ${ZOMBIES}`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '');
});

test('the end of the command is the end of it, and signals are passed on', { skip }, () => {
  assert.equal(asInit('exit 7').status, 7);
  const heeded = asInit('trap "exit 9" TERM; kill -TERM 1; sleep 60 & wait');
  assert.equal(heeded.status, 9);
});
