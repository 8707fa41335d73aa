/**
 * Checks that no include and no import goes against the direction that docs/architecture.md states, in circles, or out of rooms
 * that have become too large: `npm run rooms`. The table there ("The rooms, and who knows whom") is what is checked; tests and
 * benchmarks may know anybody.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../src/base/shell.js';
import { circles } from './circles.js';
import { importsOf, sourceFiles } from './imports.js';
import { offences, readRooms } from './room_table.js';
import { oversized } from './sizes.js';

const TABLE = 'docs/architecture.md';

function main(): number {
  const rooms = readRooms(readFileSync(join(REPOSITORY, TABLE), 'utf8'));
  const files = sourceFiles(REPOSITORY);
  const imports = new Map(files.map((file) => [file, importsOf(REPOSITORY, file)]));
  const found = [
    ...offences(rooms, imports).map((offence) => `${offence} (the table of ${TABLE})`),
    ...circles(imports).map((circle) => `include or import each other: ${circle.join(', ')}`),
    ...oversized(new Map(files.map((file) => [file, linesOf(file)]))),
  ];
  for (const line of found) process.stderr.write(`${line}\n`);
  process.stdout.write(
    `${rooms.length} rooms, ${files.length} files, ${found.length} complaints\n`,
  );
  return found.length === 0 ? 0 : 1;
}

function linesOf(file: string): number {
  return readFileSync(join(REPOSITORY, file), 'utf8').split('\n').length - 1;
}

process.exitCode = main();
