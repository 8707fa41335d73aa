import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Manifest, makeRunId, RunFolder, readTrials } from '../src/folder/store.js';
import { EXPERIMENT, makeRow } from './examples.js';

const MANIFEST: Manifest = {
  schema_version: 1,
  run_id: '20250131T235959Z-1a2b3c',
  status: 'running',
  command_line: ['--quick'],
  experiment: EXPERIMENT,
  order: ['001-local-w1-l1'],
  git: { commit: null, dirty: null },
  started_at: '2025-01-31T23:59:59.000Z',
  ended_at: null,
};

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'enxame-test-'));
});
afterEach(() => rmSync(results, { recursive: true }));

const manifestOf = (folder: RunFolder) =>
  JSON.parse(readFileSync(join(folder.path, 'manifest.json'), 'utf8')) as Manifest;

test('a run id is the time of its start, readable and sortable, and a few digits', () => {
  assert.equal(
    makeRunId(new Date(Date.UTC(2025, 0, 31, 23, 59, 59, 7)), '1a2b3c'),
    '20250131T235959Z-1a2b3c',
  );
});

test('from its start on, a run says what it is and that it has not ended', () => {
  const folder = RunFolder.create(results, MANIFEST);
  assert.deepEqual(manifestOf(folder), MANIFEST);
  assert.deepEqual(readdirSync(folder.path).sort(), [
    'figures',
    'logs',
    'manifest.json',
    'samples',
  ]);
});

test('a run never writes into the folder of another', () => {
  RunFolder.create(results, MANIFEST);
  assert.throws(() => RunFolder.create(results, MANIFEST), /EEXIST/);
});

test('trials can be read back as soon as they were appended', () => {
  const folder = RunFolder.create(results, MANIFEST);
  const rows = [
    makeRow({ trial: 'a' }),
    makeRow({ trial: 'b', valid: false, invalid_because: 'x' }),
  ];
  for (const row of rows) folder.appendTrial(row);
  assert.deepEqual(readTrials(join(folder.path, 'trials.jsonl')), rows);
});

test('a row that was cut short by a kill is left out, and the others stay', () => {
  const folder = RunFolder.create(results, MANIFEST);
  folder.appendTrial(makeRow({ trial: 'a' }));
  const path = join(folder.path, 'trials.jsonl');
  appendFileSync(path, JSON.stringify(makeRow({ trial: 'b' })).slice(0, 40));
  assert.deepEqual(
    readTrials(path).map((row) => row.trial),
    ['a'],
  );
});

test('at its end a run says how and when it ended, and nothing half written is left', () => {
  const folder = RunFolder.create(results, MANIFEST);
  folder.writeSummary([]);
  folder.finish('interrupted', new Date(0));
  const { status, ended_at } = manifestOf(folder);
  assert.deepEqual([status, ended_at], ['interrupted', '1970-01-01T00:00:00.000Z']);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.endsWith('.new')),
    [],
  );
});
