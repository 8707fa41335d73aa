/** Writes the dashboards into the repository: `npm run dashboards`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY as ROOT } from '../base/shell.js';
import { dashboardFiles } from './all.js';

for (const { path, text } of dashboardFiles()) {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
