/** What Prometheus itself says of its configuration and rules. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../../src/base/shell.js';
import { TargetsFile } from '../../src/metrics/targets.js';

const PROMETHEUS = join(REPOSITORY, 'dashboards', 'prometheus');

function promtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, `promtool ${args.join(' ')}\n${stdout}${stderr}`);
}

test('the configuration is one, and so is the file of targets that a run writes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(PROMETHEUS, folder, { recursive: true });
  new TargetsFile(join(folder, 'targets', 'run.json')).write(
    '127.0.0.1:9464',
    '20250131T235959Z-1a2b3c',
  );
  promtool('check', 'config', join(folder, 'prometheus.yml'));
});

test('the rules are well-formed and do what their tests say', () => {
  const rules = join(PROMETHEUS, 'rules');
  promtool(
    'check',
    'rules',
    '--lint=all',
    '--lint-fatal',
    ...readdirSync(rules).map((f) => join(rules, f)),
  );
  promtool('test', 'rules', join(PROMETHEUS, 'test', 'rules_test.yml'));
});
