import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import { dashboardFiles } from '../../src/dashboards/all.js';
import { listExperiments, readExperiment } from '../../src/experiment/catalogue.js';
import { DEFAULT_VALIDITY } from '../../src/experiment/experiment.js';
import { readPanelQueries } from '../live_metrics/panels.js';

const DASHBOARDS = join(ROOT, 'dashboards');

/** As Grafana reads them, as far as tests look. */
interface Dashboard {
  readonly uid: string;
  readonly tags: readonly string[];
  readonly panels: readonly Panel[];
  readonly links: readonly { readonly type: string; readonly tags: readonly string[] }[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly current?: { readonly value: string };
    }[];
  };
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: Readonly<Record<string, unknown>>;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] };
    };
  };
}

const dashboards = dashboardFiles().map(({ text }) => JSON.parse(text) as Dashboard);
const panelsOf = (wanted: string) =>
  dashboards.find(({ uid }) => uid === wanted)?.panels ?? assert.fail(wanted);

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
  for (const { uid, panels } of dashboards) {
    for (const { title, description } of panels)
      assert.match(description, /\.$/, `${uid} ${title}`);
  }
  const names = readPanelQueries().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('every dashboard leads to the others, with what was chosen', () => {
  for (const { uid, tags, links } of dashboards) {
    const [link] = links;
    assert.deepEqual(link, {
      ...link,
      type: 'dashboards',
      tags,
      includeVars: true,
      keepTime: true,
    });
    assert.deepEqual(tags, ['enxame'], uid);
  }
});

test('a ratio is of two systems that the default experiment has, until others are chosen', () => {
  const folder = join(ROOT, 'experiments');
  const scaling = listExperiments(folder).find(({ name }) => name === 'scaling');
  const { systems } = readExperiment(folder, scaling ?? assert.fail(), {}, 1);
  const variables = dashboards.flatMap(({ templating }) => templating.list);
  for (const side of ['numerator', 'denominator']) {
    const value = variables.find(({ name }) => name === side)?.current?.value;
    assert.ok(
      systems.some(({ name }) => name === value),
      `${side} ${value}`,
    );
  }
});

test('worker counts are ordered as numbers before they become rows, and drawn as numbers', () => {
  const ofPrometheus = dashboards.filter(({ uid }) => uid !== 'enxame-workers');
  const panels = ofPrometheus
    .flatMap(({ panels }) => panels)
    .filter(({ type }) => type === 'trend');
  assert.ok(panels.length > 5);
  for (const { title, transformations = [] } of panels) {
    const [toNumber, sort, toMatrix, back] = transformations;
    const numberOf = (targetField: string) => ({
      conversions: [{ targetField, destinationType: 'number' }],
    });
    assert.deepEqual(toNumber?.options, numberOf('workers'), title);
    assert.deepEqual([sort?.id, sort?.options], ['sortBy', { sort: [{ field: 'workers' }] }]);
    assert.equal(toMatrix?.options['rowField'], 'workers');
    assert.deepEqual(back?.options, numberOf('workers\\line'));
  }
});

test('what is drawn and alerted as too much is what makes a trial invalid by default', () => {
  const dashedAt = (uid: string, wanted: string) =>
    panelsOf(uid).find(({ title }) => title === wanted)?.fieldConfig.defaults.thresholds?.steps[1]
      ?.value;
  const { unaccounted_share, other_load_share, steal_share } = DEFAULT_VALIDITY;
  assert.equal(dashedAt('enxame-run', 'Not explained by phases'), unaccounted_share);
  assert.equal(dashedAt('enxame-run', 'Other programs'), other_load_share);
  assert.equal(dashedAt('enxame-run', 'Other guests of the host'), steal_share);
  assert.equal(dashedAt('enxame-host', 'Steal'), steal_share);
  const alerts = readFileSync(join(DASHBOARDS, 'prometheus/rules/alerts.yml'), 'utf8');
  assert.match(alerts, new RegExp(`share10s\\{mode="steal"\\} > ${steal_share}$`, 'm'));
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
