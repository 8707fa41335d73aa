import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { schemaFiles } from '../../src/schema/schemas.js';

test('the committed schemas are what the types and the table of axes make', () => {
  const files = schemaFiles();
  assert.equal(files.length, 3);
  for (const { path, text } of files) {
    const committed = readFileSync(join(REPOSITORY, path), 'utf8');
    assert.equal(committed, text, `${path} is not current: npm run schema`);
  }
});
