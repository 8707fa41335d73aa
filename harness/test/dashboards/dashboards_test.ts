import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { dashboardFiles } from '../../src/dashboards/all.js';
import { readPanelQueries } from '../live_metrics/panels.js';

const DASHBOARDS = join(ROOT, 'dashboards');

test('the committed dashboards are what the code makes, and there are no others', () => {
  const files = dashboardFiles();
  for (const { path, text } of files) {
    const committed = readFileSync(join(ROOT, path), 'utf8');
    assert.equal(committed, text, `${path} is not current: npm run dashboards`);
  }
  const folder = join(ROOT, dirname(files[0]?.path ?? ''));
  assert.deepEqual(readdirSync(folder).sort(), files.map(({ path }) => basename(path)).sort());
});

test('every panel says what it shows, and asks under a name of its own', () => {
  for (const { path, text } of dashboardFiles()) {
    const { panels } = JSON.parse(text) as { panels: { title: string; description: string }[] };
    for (const { title, description } of panels)
      assert.match(description, /\.$/, `${path} ${title}`);
  }
  const names = readPanelQueries().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('what compose.yaml mounts is there, and Grafana finds its dashboards in it', () => {
  const compose = parse(readFileSync(join(DASHBOARDS, 'compose.yaml'), 'utf8')) as {
    services: Record<string, { volumes: string[]; environment?: Record<string, string> }>;
  };
  const mounts = Object.values(compose.services).flatMap(({ volumes }) =>
    volumes.map((volume) => volume.split(':') as [string, string]),
  );
  for (const [from] of mounts.filter(([from]) => from.startsWith('.'))) {
    // Made by the first run that is watched.
    if (from !== '../build/metrics/targets') assert.ok(existsSync(resolve(DASHBOARDS, from)), from);
  }
  const provider = parse(
    readFileSync(join(DASHBOARDS, 'grafana/provisioning/dashboards/enxame.yml'), 'utf8'),
  ) as { providers: { options: { path: string } }[] };
  const folder = provider.providers[0]?.options.path ?? '';
  assert.deepEqual(
    mounts.filter(([, to]) => to === folder).map(([from]) => from),
    ['./grafana/dashboards'],
  );
  const home =
    compose.services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
  assert.ok(existsSync(join(DASHBOARDS, 'grafana/dashboards', basename(home ?? ''))));
});
