/** Runs in surroundings that programs do not like: other users, folders that are only read, clocks that jump. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { verify } from '../../src/analysis/verify.js';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { readEnvironment, readManifest, readTrials } from '../../src/run_folder/store.js';
import { makeFakeBuild } from '../fakes/build.js';
import { MAIN } from '../places.js';

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
const NOT_ROOT = process.geteuid?.() === 0 ? false : 'only root can become another user';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  chmodSync(folder, 0o755);
  makeFakeBuild(join(folder, 'build'));
  writeFileSync(join(folder, 'short.yaml'), experimentOf(3, 0.2));
});
after(() => rmSync(folder, { recursive: true }));

function experimentOf(launches: number, seconds: number): string {
  return `
question: Does a run end well here?
systems: [local]
axes: {workers: 1, n: 16}
repetition: {launches: ${launches}, duration_s: ${seconds}, warm_up_s: 0.2, warm_up_limit_s: 1}
validity: {steal_share: 1, other_load_share: 1, unaccounted_share: 1}
`;
}

/** A folder of its own that anybody may write to. */
function makeFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  chmodSync(path, 0o1777);
  return path;
}

const drawn = (out: string, file = 'short.yaml') => [
  ...['run', join(folder, file), '--seed', '1'],
  ...['--build', join(folder, 'build'), '--out', out],
];
const run = (out: string, file?: string) => [...drawn(out, file), '--no-report'];

/** Without whatever `unset` names. */
function call(
  args: readonly string[],
  { before = [], env = {}, unset = [], cwd = folder }: Surroundings = {},
): { code: number | null; stdout: string; stderr: string } {
  const [command = '', ...rest] = [...before, process.execPath, MAIN, ...args];
  const given = Object.entries({ ...process.env, ...env }).filter(
    ([name]) => !unset.includes(name),
  );
  const options = { encoding: 'utf8', env: Object.fromEntries(given), cwd } as const;
  const { status, stdout, stderr } = spawnSync(command, rest, options);
  return { code: status, stdout, stderr };
}

interface Surroundings {
  readonly before?: readonly string[];
  readonly env?: Record<string, string>;
  readonly unset?: readonly string[];
  readonly cwd?: string;
}

const onlyRunIn = (out: string) => join(out, readdirSync(out)[0] ?? '');

test('nohup: a terminal that is closed does not end a run', async () => {
  writeFileSync(join(folder, 'long.yaml'), experimentOf(6, 0.3));
  const out = makeFolder('nohup');
  const child = spawn('nohup', [join(ROOT, 'run-experiment'), ...run(out, 'long.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on('line', (line) => {
    said.push(line);
    if (line.startsWith('[1/6]')) child.kill('SIGHUP');
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, said.join('\n'));
  assert.equal(readManifest(onlyRunIn(out)).status, 'complete');
});

/** As it is measured on a busy machine, where a moment may pass between two readings. */
const HOUR = '(3600|3600\\.\\d|3599\\.\\d) s';

test('a clock that is set back is told, and no trial ends before it began', async () => {
  const preload = join(folder, 'clock.mjs');
  // Set by an hour when the harness says that the first trial has ended.
  writeFileSync(
    preload,
    `import fs from 'node:fs';
     const real = { now: Date.now, Date };
     let offset = 0;
     globalThis.Date = class extends Date {
       constructor(...args) { if (args.length === 0) super(real.now() + offset); else super(...args); }
       static now() { return real.now() + offset; }
     };
     const write = process.stderr.write.bind(process.stderr);
     process.stderr.write = (text, ...more) => {
       if (String(text).startsWith('[2/3]')) setTimeout(() => { offset = -3_600_000; }, 100);
       return write(text, ...more);
     };`,
  );
  const out = makeFolder('clock');
  const env = { NODE_OPTIONS: `--import ${preload}` };
  const { code, stdout, stderr } = call(run(out), { env });
  assert.equal(code, 0, stderr);
  const path = onlyRunIn(out);
  const rows = readTrials(path);
  for (const row of rows) {
    const tookS = (Date.parse(row.ended_at) - Date.parse(row.started_at)) / 1000;
    assert.ok(row.took_s > 0.2 && Math.abs(tookS - row.took_s) < 0.01, JSON.stringify(row));
  }
  assert.deepEqual(
    rows.map((row) => Math.round(row.clock_jump_s)),
    [0, 0, -3600],
  );
  const [session] = readManifest(path).sessions;
  assert.ok((session?.ended_at ?? '') > (session?.started_at ?? ''));
  assert.match(session?.notes?.join() ?? '', new RegExp(`^the clock was set back by ${HOUR}$`));
  const during = `^Warning: The clock was set during 003-local-w1-l3 \\(by -${HOUR}\\)`;
  assert.match(stdout, new RegExp(during, 'm'));
  assert.match(stdout, new RegExp(`^Warning: In this session: .* by ${HOUR}`, 'm'));
  assert.deepEqual((await verify(path, () => undefined)).problems, []);
});

test('temporary files may lie deeper than the address of a socket reaches', () => {
  const deep = join(makeFolder('deep'), 'x'.repeat(100));
  mkdirSync(deep);
  const { code, stdout, stderr } = call(drawn(makeFolder('from-deep')), { env: { TMPDIR: deep } });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Report: {2}/m);
  assert.deepEqual(readdirSync(deep), []);
});

test('a folder of temporary files that is not there is named with what to do', () => {
  const { code, stderr } = call(run(makeFolder('no-tmp')), { env: { TMPDIR: '/nowhere' } });
  assert.equal(code, 1);
  assert.match(stderr, /no temporary folder in \/nowhere: ENOENT.*; set TMPDIR to a folder/);
});

test('what keeps figures from being drawn is kept, and where it is is said', () => {
  const out = makeFolder('no-figures');
  assert.equal(call(run(out)).code, 0);
  const path = onlyRunIn(out);
  assert.ok(!existsSync(join(path, 'logs/report.log')), 'a log of nothing');
  rmSync(join(path, 'samples'), { recursive: true });
  const { code, stderr } = call(['report', path]);
  assert.equal(code, 1);
  const log = join(path, 'logs/report.log');
  assert.ok(stderr.includes(`; its output: ${log}\n`), stderr);
  assert.match(readFileSync(log, 'utf8'), /Traceback/);
});

test('a run says what draws its figures, and which commit it is of whatever the shell says', () => {
  const out = makeFolder('versions');
  const env = { GIT_DIR: '/nowhere', PYTHONHOME: '/nowhere', PYTHONPATH: folder };
  assert.equal(call(run(out), { env }).code, 0);
  const { versions, git } = readEnvironment(onlyRunIn(out));
  for (const name of ['python', 'matplotlib', 'numpy', 'pandas', 'scipy'] as const) {
    assert.match(versions[name] ?? '', /^\d+\.\d+/, name);
  }
  const inside = existsSync(join(ROOT, '.git'));
  assert.equal(git.commit !== null, inside);
});

test('a run that is not to be drawn says what draws it', () => {
  const out = makeFolder('not-drawn');
  const { code, stdout, stderr } = call(run(out));
  assert.equal(code, 0, stderr);
  const path = onlyRunIn(out);
  assert.match(
    stdout,
    new RegExp(`^Report: {2}not drawn; to draw it: .*run-experiment report ${path}$`, 'm'),
  );
  assert.ok(!existsSync(join(path, 'report.html')) && !stderr.includes('drawing the figures'));
});

test('in a folder that is only read, as another user, without HOME', {
  skip: NOT_ROOT,
}, async () => {
  const out = makeFolder('of-root');
  assert.equal(call(run(out)).code, 0);
  const own = onlyRunIn(out);
  chmodSync(own, 0o755);
  const elsewhere = makeFolder('of-nobody');
  const temporary = makeFolder('tmp-of-nobody');
  const as = {
    before: NOBODY,
    env: { TMPDIR: temporary },
    unset: ['HOME', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'],
    cwd: ROOT,
  };
  const ok = (...args: string[]) => {
    const { code, stdout, stderr } = call(args, as);
    assert.equal(code, 0, `${args}: ${stderr}`);
    return stdout;
  };
  ok('--help');
  ok('list');
  ok('plan', join(folder, 'short.yaml'), '--seed', '1');
  assert.match(ok('verify', own), /OK: files, numbers and claims verified/);
  // Of the same twice, nothing is said to differ.
  assert.notEqual(call(['compare', own, own], as).code, 1);
  const page = join(elsewhere, 'report');
  assert.match(ok('report', own, '--out', page), new RegExp(`^Report: {2}${page}/report`, 'm'));
  assert.ok(readdirSync(join(page, 'figures')).length > 5);
  const runs = join(elsewhere, 'runs');
  ok(...drawn(runs));
  assert.deepEqual((await verify(onlyRunIn(runs), () => undefined)).problems, []);
  assert.deepEqual(readdirSync(temporary), []);

  const closed = call(['report', own], as);
  assert.equal(closed.code, 1);
  assert.match(closed.stderr, /report\.log could not be written: EACCES.*; give --out a folder/);
  const nowhere = call(run(join(own, 'more')), as);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /could not be written: EACCES: .*, or give --out another folder/);
  const locked = call(['resume', copyOf(own)], as);
  assert.equal(locked.code, 2);
  assert.match(locked.stderr, /lock could not be written: EACCES/);
});

/** A copy of a run as if it had ended early. */
function copyOf(path: string): string {
  const copy = join(makeFolder('copy'), 'run');
  cpSync(path, copy, { recursive: true });
  const manifest = join(copy, 'manifest.json');
  const text = readFileSync(manifest, 'utf8').replace('"status": "complete"', '"status": "failed"');
  writeFileSync(manifest, text);
  chownSync(copy, 0, 0);
  return copy;
}
