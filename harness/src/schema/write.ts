/** Writes the schemas into the repository: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../base/shell.js';
import { schemaFiles } from './schemas.js';

for (const { path, text } of schemaFiles()) writeFileSync(join(REPOSITORY, path), text);
