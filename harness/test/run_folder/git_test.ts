import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { describeGit } from '../../src/run_folder/git.js';

let folder: string;
let checkout: string;
let commit: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'enxame-test-')));
  checkout = join(folder, 'checkout');
  commit = makeCheckout(checkout, 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

function git(where: string, ...args: string[]): string {
  const own = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', where, ...own, ...args], { encoding: 'utf8' }).trim();
}

/** A repository of one commit, which it returns. */
function makeCheckout(path: string, content: string): string {
  mkdirSync(path);
  git(path, 'init', '--quiet');
  writeFileSync(join(path, 'file'), content);
  git(path, 'add', '.');
  git(path, 'commit', '--quiet', '--message', content);
  return git(path, 'rev-parse', 'HEAD');
}

/** With these variables in the environment. */
async function withEnvironment<T>(
  variables: Record<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

test('the commit of a checkout, and whether it was changed', async () => {
  assert.deepEqual(await describeGit(checkout), { commit, dirty: false });
  writeFileSync(join(checkout, 'file'), 'changed');
  assert.deepEqual(await describeGit(checkout), { commit, dirty: true });
});

test('variables that name another repository are not heeded', async () => {
  const other = join(folder, 'other');
  makeCheckout(other, 'two');
  const named = {
    GIT_DIR: join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, '.git/index'),
    GIT_CEILING_DIRECTORIES: folder,
    GIT_CONFIG_GLOBAL: '/nowhere',
  };
  const found = await withEnvironment(named, () => describeGit(checkout));
  assert.deepEqual(found, { commit, dirty: false });
});

test('an unpacked archive is not the repository that it lies in', async () => {
  const unpacked = join(checkout, 'enxame-main');
  mkdirSync(unpacked);
  const { commit: found, dirty, unknown_because } = await describeGit(unpacked);
  assert.deepEqual([found, dirty], [null, null]);
  assert.ok(
    unknown_because?.endsWith(`is not a checkout, although it lies inside that of ${checkout}`),
  );
});

test('without a repository, or without git, there is no commit, and why', async () => {
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  assert.match((await describeGit(unpacked)).unknown_because ?? '', /not a git repository/);
  const found = await withEnvironment({}, async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    return describeGit(checkout).finally(() => {
      process.env['PATH'] = path;
    });
  });
  assert.deepEqual(found, { commit: null, dirty: null, unknown_because: 'spawn git ENOENT' });
});

test('a shallow clone, a linked worktree and a name with a link in it know their commit', async () => {
  git(checkout, 'commit', '--quiet', '--allow-empty', '--message', 'more');
  const head = git(checkout, 'rev-parse', 'HEAD');
  git(folder, 'clone', '--quiet', '--depth', '1', `file://${checkout}`, 'shallow');
  git(checkout, 'worktree', 'add', '--quiet', join(folder, 'linked'));
  execFileSync('ln', ['-s', checkout, join(folder, 'link')]);
  for (const name of ['shallow', 'linked', 'link']) {
    assert.deepEqual(await describeGit(join(folder, name)), { commit: head, dirty: false }, name);
  }
});

test('a checkout without a commit has none, and why', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  git(empty, 'init', '--quiet');
  const { commit: found, unknown_because } = await describeGit(empty);
  assert.equal(found, null);
  assert.match(unknown_because ?? '', /Needed a single revision/);
});

test("another user's checkout has its commit", { skip: notRoot() }, async () => {
  execFileSync('chown', ['-R', '65534:65534', checkout]);
  assert.throws(() => git(checkout, 'status'), /dubious ownership/);
  assert.deepEqual(await describeGit(checkout), { commit, dirty: false });
  // Nor does that of a repository around it change anything.
  chownSync(folder, 65534, 65534);
  assert.deepEqual(await describeGit(checkout), { commit, dirty: false });
});

test('an index that cannot be read is not taken for changes', async () => {
  writeFileSync(join(checkout, '.git/index'), 'nonsense');
  const { commit: found, dirty, unknown_because } = await describeGit(checkout);
  assert.deepEqual([found, dirty], [commit, null]);
  assert.match(unknown_because ?? '', /index/);
});

function notRoot(): string | false {
  return process.geteuid?.() === 0 ? false : 'only root can give a file away';
}
