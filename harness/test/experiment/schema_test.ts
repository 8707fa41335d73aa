import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';

const HARNESS = join(REPOSITORY, 'harness');

const SCHEMAS = [
  ['experiment', 'src/experiment/file.ts', 'ExperimentFile'],
  ['systems', 'src/experiment/systems.ts', 'SystemsFile'],
  ['claims', 'src/analysis/claims.ts', 'ClaimsFile'],
] as const;

for (const [name, source, type] of SCHEMAS) {
  test(`${name}.schema.json is what \`npm run schema\` makes of ${source}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const made = join(folder, 'made.json');
    const args = ['--path', source, '--type', type, '--out', made];
    execFileSync('npm', ['run', '--silent', 'schema:of', '--', ...args], { cwd: HARNESS });
    const file = join(HARNESS, '..', 'experiments', `${name}.schema.json`);
    assert.deepEqual(
      JSON.parse(readFileSync(file, 'utf8')),
      JSON.parse(readFileSync(made, 'utf8')),
    );
  });
}
