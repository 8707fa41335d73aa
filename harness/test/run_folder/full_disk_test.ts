/** What happens to a run when not everything can be written: on a real disk that is full, and at a real limit. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verify } from '../../src/analysis/verify.js';
import { runExperiment } from '../../src/base/shell.js';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { readManifest, readTrials } from '../../src/run_folder/store.js';
import { findBrokenLines } from '../../src/run_folder/trials_file.js';
import { ENVIRONMENT, EXPERIMENT, makeRow } from '../examples.js';
import { makeFakeBuild } from '../fakes/build.js';
import { MAIN } from '../places.js';
import { manifestOf } from '../run_folder.js';

const WRITER = fileURLToPath(new URL('../fakes/writer.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Has `what` be written until it cannot be, when files may have so many bytes. */
function writeUpTo(
  bytes: number,
  what: string,
): { path: string; said: string; code: number | null } {
  const command = [`--fsize=${bytes}`, process.execPath, WRITER, folder, what];
  const { stdout, stderr, status } = spawnSync('prlimit', command, { encoding: 'utf8' });
  return { path: join(folder, readdirSync(folder)[0] ?? ''), said: stdout + stderr, code: status };
}

test('rows that do not fit are an error, and those before them stay whole', async () => {
  const { path, said } = writeUpTo(20_000, 'rows');
  assert.ok(
    said.includes(
      `${path}/trials.jsonl could not be written: EFBIG: file too large, write; raise the limit on the size of files (ulimit -f), then: ${runExperiment('resume', path)}`,
    ),
    said,
  );
  const rows = readTrials(path);
  assert.ok(rows.length > 3);
  assert.deepEqual(findBrokenLines(path), []);
  assert.equal(readManifest(path).status, 'running');

  const run = RunFolder.open(path);
  assert.equal(run.earlier.length, rows.length);
  assert.deepEqual(run.begin(run.manifest.sessions[0] as never), []);
  run.appendTrials([makeRow({ trial: 'one more' })]);
  await run.finish('interrupted', { ended_at: null });
  assert.deepEqual(findBrokenLines(path), []);
});

for (const what of ['summary', 'histogram', 'metrics', 'samples']) {
  test(`a file of ${what} that does not fit is an error, and no part of it stays`, () => {
    const { path, said } = writeUpTo(8000, what);
    assert.match(said, /\/(\w|\/|\.|-)+ could not be written: EFBIG: .*resume /);
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      names.filter((name) => name.endsWith('.new')),
      [],
    );
    // What the load generator wrote stays until it is safe elsewhere.
    assert.equal(names.includes('samples/t.csv'), what === 'samples');
  });
}

test('a run whose first files do not fit is no run, and says where it may be put', () => {
  const { path, said } = writeUpTo(100, 'rows');
  assert.ok(
    said.includes(`${path}/environment.json could not be written: EFBIG: file too large, write; `),
    said,
  );
  assert.match(said, /, or give --out another folder$/m);
  assert.ok(!readdirSync(path).includes('manifest.json'));
});

test('a session whose rows are not all in the file does not end', async () => {
  const run = RunFolder.create(folder, manifestOf(EXPERIMENT), ENVIRONMENT);
  run.appendTrials([makeRow({})]);
  appendFileSync(join(run.path, 'trials.jsonl'), '{"trial":"x","pr');
  await assert.rejects(
    run.finish('complete', { ended_at: null }),
    /trials\.jsonl: has \d+ bytes; expected \d+: .*resume /,
  );
  assert.equal(readManifest(run.path).status, 'running');
  run.close();
});

test('two rows that became one line: verify says so, resume keeps what is whole', async () => {
  const run = RunFolder.create(folder, manifestOf(EXPERIMENT), ENVIRONMENT);
  for (const trial of ['a', 'b', 'c', 'd']) run.appendTrials([makeRow({ trial })]);
  run.close();
  const file = join(run.path, 'trials.jsonl');
  const [a = '', b = '', c = '', d = ''] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, `${[a, b.slice(0, 40) + c, d].join('\n')}\n`);
  const { problems } = await verify(run.path, () => undefined);
  assert.match(
    problems.join('\n'),
    /^trials\.jsonl:2: a line that is not a row, with everything after it/m,
  );
  assert.throws(() => readTrials(run.path), /trials\.jsonl:2: .*resume keeps the rows before it/);

  const again = RunFolder.open(run.path);
  const [note = ''] = again.begin(again.manifest.sessions[0] as never);
  assert.match(note, /^trials\.jsonl:2: .* was dropped \(see (logs\/dropped-\w+\.jsonl)/);
  const kept = readFileSync(join(run.path, /see (\S+)\)/.exec(note)?.[1] ?? ''), 'utf8');
  assert.equal(kept, `${b.slice(0, 40)}${c}\n${d}\n`);
  assert.deepEqual(
    readTrials(run.path).map(({ trial }) => trial),
    ['a'],
  );
  assert.deepEqual(again.manifest.sessions.at(-1)?.notes, [note]);
  again.close();
});

const MOUNTS = [
  ...(process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--mount', '--'],
];

const EXPERIMENT_FILE = `
question: Does a run survive a full disk?
systems: [local]
axes: {workers: 1, n: 16}
repetition: {launches: 12, duration_s: 0.2}
validity: {steal_share: 1, other_load_share: 1, unaccounted_share: 1}
`;

test('a run on a disk that is full stops, and goes on when there is space', {
  skip: noMounts(),
}, async () => {
  makeFakeBuild(join(folder, 'build'));
  writeFileSync(join(folder, 'full.yaml'), EXPERIMENT_FILE);
  for (const name of ['disk', 'tmp']) mkdirSync(join(folder, name));
  const script = `
    cd "$1"; node=$2 main=$3
    mount -t tmpfs -o size=120k none disk
    TMPDIR=$PWD/tmp $node $main full.yaml --seed 1 --build build --out disk >first.out 2>first.err
    echo $? >first.code
    mount -o remount,size=64m disk
    cp -r disk/* before
    TMPDIR=$PWD/tmp $node $main resume disk/* --build build >second.out 2>second.err
    echo $? >second.code
    cp -r disk/* after`;
  const { status, stderr } = spawnSync(
    'unshare',
    [...MOUNTS, 'bash', '-c', script, 'bash', folder, process.execPath, MAIN],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  assert.equal(read('first.code'), '1\n', read('first.err'));
  assert.match(
    read('first.err'),
    /run-experiment: \S+ could not be written: ENOSPC: .*; free some space, then: \S+run-experiment resume \S+disk\/\S+$/m,
  );
  const before = join(folder, 'before');
  const first = readTrials(before);
  assert.ok(first.length > 0 && first.length < 12, `${first.length} rows`);
  assert.ok(first.every(({ verdict }) => verdict === 'valid'));
  assert.notEqual(readManifest(before).status, 'complete');

  const after = join(folder, 'after');
  assert.equal(read('second.code'), '0\n', read('second.err'));
  assert.equal(readManifest(after).status, 'complete');
  assert.deepEqual((await verify(after, () => undefined)).problems, []);
  const ended = readTrials(after).filter(({ verdict }) => verdict === 'valid');
  assert.equal(ended.length, 12);
});

function noMounts(): string | false {
  const { status } = spawnSync('unshare', [...MOUNTS, 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return status === 0 ? false : 'file systems cannot be mounted here';
}
