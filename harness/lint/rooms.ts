/**
 * Checks that no include and no import goes against the direction that docs/architecture.md states: `npm run rooms`.
 * The table there ("The rooms, and who knows whom") is what is checked; tests and benchmarks may know anybody.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../src/base/shell.js';
import { circles } from './circles.js';
import { importsOf, sourceFiles } from './imports.js';
import { offences, type Room, readRooms } from './room_table.js';

const TABLE = 'docs/architecture.md';

function main(): number {
  const rooms: readonly Room[] = readRooms(readFileSync(join(REPOSITORY, TABLE), 'utf8'));
  const files = sourceFiles(REPOSITORY);
  const imports = new Map(files.map((file) => [file, importsOf(REPOSITORY, file)]));
  const found = [
    ...offences(rooms, imports).map((offence) => `${offence} (the table of ${TABLE})`),
    ...circles(imports).map((circle) => `import each other: ${circle.join(', ')}`),
  ];
  for (const line of found) process.stderr.write(`${line}\n`);
  process.stdout.write(
    `${rooms.length} rooms, ${files.length} files, ${found.length} against the direction\n`,
  );
  return found.length === 0 ? 0 : 1;
}

process.exitCode = main();
