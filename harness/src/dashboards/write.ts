/** Writes the dashboards into the repository: `npm run dashboards`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboardFiles } from './all.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

for (const { path, text } of dashboardFiles()) {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
