/**
 * Works on a run (`run`), with temporary files (`scratch`) or takes turns with others like it (`turns`) in a
 * folder: prints the path of what it holds, and holds it until its stdin ends.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../src/base/flock.js';
import { makeScratch, removeAbandoned } from '../../src/base/scratch.js';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { ENVIRONMENT, EXPERIMENT } from '../examples.js';
import { manifestOf } from '../run_folder.js';

const [, , kind, folder = ''] = process.argv;

if (kind === 'run') {
  process.stdout.write(`${RunFolder.create(folder, manifestOf(EXPERIMENT), ENVIRONMENT).path}\n`);
} else if (kind === 'scratch') {
  removeAbandoned();
  process.stdout.write(`${makeScratch()}\n`);
} else {
  takeTurns();
}
if (kind !== 'turns') process.stdin.resume();

function takeTurns(): void {
  for (let turns = 0; turns < 20; ) {
    const lock = tryLock(join(folder, 'lock'));
    if (lock === undefined) continue;
    for (const does of ['comes', 'goes']) {
      appendFileSync(join(folder, 'diary'), `${process.pid} ${does}\n`);
    }
    lock.release();
    turns++;
  }
}
