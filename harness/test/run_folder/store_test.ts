import assert from 'node:assert/strict';
import fs, {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { filesOf } from '../../src/analysis/analysis.js';
import { verify } from '../../src/analysis/verify.js';
import type { Manifest } from '../../src/run_folder/manifest.js';
import { makeRunId, RunFolder } from '../../src/run_folder/run_folder.js';
import { findOrphans, readEnvironment, readTrials } from '../../src/run_folder/store.js';
import { findBrokenLines } from '../../src/run_folder/trials_file.js';
import { ENVIRONMENT, EXPERIMENT, makeRow } from '../examples.js';
import { manifestOf } from '../run_folder.js';

const MANIFEST = manifestOf(EXPERIMENT);
const SESSION = { ...MANIFEST.sessions[0], command_line: ['resume'] } as Manifest['sessions'][0];

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'enxame-test-'));
});
afterEach(() => rmSync(results, { recursive: true }));

const readManifest = (path: string) =>
  JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Manifest;
const trialsOf = (path: string) => readTrials(path).map((row) => row.trial);

const ENDING = { ended_at: new Date(0).toISOString() };

/** As if the process that wrote it had been killed: its lock is there, and not held. */
function killed(...trials: string[]): string {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  for (const trial of trials) folder.appendTrials([makeRow({ trial })]);
  folder.close();
  writeFileSync(join(folder.path, 'lock'), '{"pid":1}\n');
  return folder.path;
}

/** Opens it for another session, which has begun. */
function reopen(path: string): { folder: RunFolder; notes: string[] } {
  const folder = RunFolder.open(path);
  return { folder, notes: folder.begin(SESSION) };
}

test('a run id is the time of its start, readable and sortable, and a few digits', () => {
  assert.equal(
    makeRunId(new Date(Date.UTC(2025, 0, 31, 23, 59, 59, 7)), '1a2b3c'),
    '20250131T235959Z-1a2b3c',
  );
});

test('from its start on, a run says what it is and that it has not ended', () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  assert.deepEqual(readManifest(folder.path), JSON.parse(JSON.stringify(MANIFEST)));
  assert.ok(readdirSync(folder.path).includes('lock'));
});

test('what can be resumed has the environment that a resume compares', () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  assert.deepEqual(readEnvironment(folder.path), ENVIRONMENT);
});

test('a run that is complete is told to be, even where it cannot be written to', async () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  await folder.finish('complete', ENDING);
  assert.throws(() => RunFolder.open(folder.path), /is complete/);
  assert.ok(!existsSync(join(folder.path, 'lock')));
});

test('a run never writes into the folder of another', () => {
  RunFolder.create(results, MANIFEST, ENVIRONMENT);
  assert.throws(() => RunFolder.create(results, MANIFEST, ENVIRONMENT), /EEXIST/);
});

test('trials can be read back as soon as they were appended, in an unbroken chain', () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  for (const trial of ['a', 'b', 'c']) folder.appendTrials([makeRow({ trial })]);
  assert.deepEqual(trialsOf(folder.path), ['a', 'b', 'c']);
  assert.deepEqual(findBrokenLines(folder.path), []);
});

test('a line that was changed breaks the chain, and is named', () => {
  const path = killed('a', 'b', 'c');
  const file = join(path, 'trials.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"trial":"b"', '"trial":"d"'));
  const [problem, ...others] = findBrokenLines(path);
  assert.match(problem ?? '', /^trials\.jsonl:2: was changed/);
  assert.deepEqual(others, []);
});

test('a row that was cut short by a kill is left out, and the others stay', () => {
  const path = killed('a');
  appendFileSync(join(path, 'trials.jsonl'), '{"trial":"b","ce');
  assert.deepEqual(trialsOf(path), ['a']);
});

test('a run that was killed can be resumed; the chain stays whole', async () => {
  const path = killed('a');
  appendFileSync(join(path, 'trials.jsonl'), '{"trial":"b","ce');
  writeFileSync(join(path, 'histograms/b.hlog.new'), 'half');
  const { folder, notes } = reopen(path);
  assert.deepEqual(notes, [
    'trials.jsonl:2: an incomplete row (16 bytes) was dropped (see logs/dropped-19700101T000000Z.jsonl) and is measured again',
  ]);
  assert.equal(
    readFileSync(join(path, 'logs/dropped-19700101T000000Z.jsonl'), 'utf8'),
    '{"trial":"b","ce',
  );
  assert.deepEqual(readdirSync(join(path, 'histograms')), []);
  folder.appendTrials([makeRow({ trial: 'b' })]);
  assert.deepEqual(trialsOf(path), ['a', 'b']);
  assert.deepEqual(findBrokenLines(path), []);
  await folder.finish('complete', ENDING);
  const { status, sessions, files } = readManifest(path);
  assert.equal(status, 'complete');
  assert.deepEqual(
    sessions.map((session) => [session.command_line[0], session.status, session.ended_at]),
    [
      ['--quick', 'running', null],
      ['resume', 'complete', '1970-01-01T00:00:00.000Z'],
    ],
  );
  assert.deepEqual(
    files.map((file) => file.path),
    ['environment.json', 'trials.jsonl'],
  );
  assert.ok(!existsSync(join(path, 'lock')));
});

test('a run that is complete, being worked on, of another version or no run is refused', async () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  assert.throws(
    () => RunFolder.open(folder.path),
    /process \d+ has been working on this run since .*, or end it: kill \d+$/,
  );
  await folder.finish('complete', ENDING);
  assert.throws(() => RunFolder.open(folder.path), /is complete/);
  const path = join(folder.path, 'manifest.json');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"schema_version": 5', '"schema_version": 4'),
  );
  assert.throws(() => RunFolder.open(folder.path), /version 4; this program reads only version 5/);
  assert.throws(() => RunFolder.open(results), /not the folder of a run/);
});

test('nothing half written is left', async () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  folder.writeDerived(
    filesOf(MANIFEST, { cells: [], warnings: [], comparisons: [], contrasts: [] }),
  );
  await folder.finish('interrupted', ENDING);
  const halves = readdirSync(folder.path).filter((name) => name.endsWith('.new'));
  assert.deepEqual(halves, []);
});

test('the name of trials.jsonl is on the disk with its first row', () => {
  const folder = RunFolder.create(results, MANIFEST, ENVIRONMENT);
  const synced: string[] = [];
  const { fsyncSync } = fs;
  mock.method(fs, 'fsyncSync', (file: number) => {
    synced.push(fs.fstatSync(file).isDirectory() ? 'folder' : 'file');
    fsyncSync(file);
  });
  syncBuiltinESMExports();
  try {
    folder.appendTrials([makeRow({ trial: 'a' })]);
    folder.appendTrials([makeRow({ trial: 'b' })]);
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(synced, ['file', 'folder', 'file']);
});

test('a run whose empty folders were not copied can be read, verified and resumed', async () => {
  const path = killed('a');
  appendFileSync(join(path, 'trials.jsonl'), '{"trial":"b","ce');
  for (const part of ['samples', 'histograms', 'metrics', 'logs', 'figures'])
    rmSync(join(path, part), { recursive: true });
  assert.deepEqual(findOrphans(path, []), []);
  await verify(path, () => undefined);
  const { folder, notes } = reopen(path);
  assert.equal(notes.length, 1);
  folder.checkWritable();
  folder.writeText('histograms/b.hlog', '');
  await folder.finish('complete', ENDING);
});

test('a damaged byte moves no row, and what is dropped keeps the bytes that it had', () => {
  const path = killed('a', 'b');
  const file = join(path, 'trials.jsonl');
  const whole = readFileSync(file);
  const torn = Buffer.concat([Buffer.from('{"trial":"c'), Buffer.from([0xff, 0xc3, 0x80])]);
  const damaged = Buffer.concat([whole, torn]);
  // Within a string, so that the line can be parsed all the same.
  damaged[whole.indexOf('"verdict":"') + '"verdict":"'.length] = 0xff;
  writeFileSync(file, damaged);
  reopen(path);
  assert.deepEqual(readFileSync(file), damaged.subarray(0, whole.length));
  assert.deepEqual(readFileSync(join(path, 'logs/dropped-19700101T000000Z.jsonl')), torn);
});
