import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { summarise, summaryCsv, summaryIn } from '../../src/analysis/summary.js';
import { candidatesFor } from '../../src/cli/completion.js';
import {
  type ExperimentOptions,
  overridesOf,
  withExperimentOptions,
} from '../../src/cli/experiment_options.js';
import { AXES } from '../../src/experiment/axes.js';
import { type Axis, flagOf } from '../../src/experiment/axis.js';
import { describeAxes, rowValuesOf } from '../../src/experiment/axis_rows.js';
import { names } from '../../src/experiment/axis_values.js';
import { cellsOf } from '../../src/experiment/cells.js';
import { makeExperiment } from '../../src/experiment/experiment.js';
import { labelsOf } from '../../src/launch/cell_labels.js';
import { renderTable } from '../../src/report/table.js';
import { completeExperiment, completeRow } from '../../src/run_folder/later_axes.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { schemaOfAxes } from '../../src/schema/axes.js';
import { EXPERIMENT, launchOf, makeRow, SYSTEMS } from '../examples.js';
import { manifestOf } from '../run_folder.js';

/** A new axis: this row, and nothing else. */
const TOY = {
  name: 'page_kib',
  field: 'pageKib',
  of: 'trial',
  title: 'page size',
  unit: 'KiB',
  heading: 'page KiB',
  values: names(['4', '2048']),
  default: '4',
  description: 'Size of the pages that workers keep matrices in.',
  flag: { placeholder: 'sizes', help: 'size of the pages of workers' },
  unfit: ({ transport }) =>
    transport === 'inproc' ? 'transport inproc has no workers' : undefined,
  note: {
    text: (size) => (size === '4' ? undefined : 'huge pages'),
    means: 'huge pages: ask for them first.',
  },
} satisfies Axis<'4' | '2048'>;
const TABLE: readonly Axis[] = [...AXES, TOY];

/** Of a file whose axes are these. */
function make(axes: Record<string, string | string[]>, overrides = {}) {
  const file = { question: 'Do pages matter at all?', systems: ['local', 'rpc-tcp'], axes };
  return makeExperiment('toy', file, overrides, SYSTEMS, 1, (path) => path.join('.'), TABLE);
}

const cellsWith = (...args: Parameters<typeof make>) => cellsOf(make(...args), TABLE);

test('an axis that is added to the table is in experiments, cells and their keys', () => {
  assert.deepEqual(make({})['axes' as never]['page_kib'], ['4']);
  const cells = cellsWith({ workers: '1', page_kib: ['4', '2048'] });
  assert.deepEqual(
    cells.map((cell) => [cell.key, cell['pageKib' as never]]),
    [
      ['local w1 page_kib=4', '4'],
      ['rpc-tcp w1 page_kib=4', '4'],
      ['rpc-tcp w1 page_kib=2048', '2048'],
    ],
  );
  assert.throws(
    () => cellsOf({ ...make({ page_kib: '2048' }), systems: SYSTEMS.slice(0, 1) }, TABLE),
    /^UsageError: page_kib '2048' is not supported by local: transport inproc has no workers$/,
  );
  assert.throws(() => make({ page_kib: [] }), /axes\.page_kib: page_kib is empty/);
});

test('it is a label of metrics where it varies or is not the default', () => {
  const labels = (axes: Record<string, string | string[]>) => {
    const experiment = make({ workers: '1', ...axes });
    return cellsOf(experiment, TABLE).map((cell) => labelsOf(cell, experiment, TABLE));
  };
  const [local, small, large] = labels({ page_kib: ['4', '2048'] });
  assert.deepEqual(small, {
    system: 'rpc-tcp',
    workers: '1',
    setting: 'page_kib=4',
    page_kib: '4',
  });
  assert.deepEqual(large, { ...small, setting: 'page_kib=2048', page_kib: '2048' });
  assert.deepEqual(local, { ...small, system: 'local' });
  assert.deepEqual(labels({ page_kib: '2048' }), [{ system: 'local', workers: '1' }, large]);
  assert.deepEqual(labels({}), [
    { system: 'local', workers: '1' },
    { system: 'rpc-tcp', workers: '1' },
  ]);
});

test('it is in rows, summaries and tables', () => {
  const rows = cellsWith({ workers: '1', page_kib: ['4', '2048'] }).map((cell) =>
    makeRow({ cell: cell.key, ...rowValuesOf(cell, TABLE), system: cell.system.name }),
  );
  assert.deepEqual(rows.map(toyOf), ['4', '4', '2048']);
  const planned = rows.map(({ cell }) => ({ key: cell }));
  const cells = summarise(rows.map(launchOf), rows, planned, 2, TABLE);
  const manifest = { ...manifestOf(EXPERIMENT), axes: describeAxes(TABLE) };
  const [header = '', ...lines] = summaryCsv(manifest, cells).split('\n');
  const column = header.split(',').indexOf('page_kib');
  assert.deepEqual(
    lines.slice(0, 3).map((line) => line.split(',')[column]),
    ['4', '4', '2048'],
  );
  const table = renderTable(cells, 2, TABLE);
  assert.match(table, /^system +workers +page KiB +tasks/);
  assert.match(table, /^rpc-tcp +1 +2048 .* huge pages$/m);
  assert.match(table, /^huge pages: ask for them first\.$/m);
});

test('it is a flag with its help and its candidates', async () => {
  const command = withExperimentOptions(new Command('run'), TABLE).exitOverride();
  const help = command.helpInformation().replaceAll(/\s+/g, ' ');
  assert.ok(help.includes('--page-kib <sizes> size of the pages of workers'), help);
  command.parse(['--page-kib', '2048,4'], { from: 'user' });
  const overrides = overridesOf(command.opts<ExperimentOptions>(), TABLE);
  assert.deepEqual(overrides, { axes: { page_kib: ['2048', '4'] } });
  assert.equal(cellsWith({}, overrides).at(-1)?.key, 'rpc-tcp w4 page_kib=4');
  const program = new Command().addCommand(command);
  assert.deepEqual(await candidatesFor(program, ['--page-kib', '20'], '.'), ['2048']);
  const wrong = withExperimentOptions(new Command('run'), TABLE).exitOverride();
  wrong.configureOutput({ writeErr: () => undefined });
  assert.throws(
    () => wrong.parse(['--page-kib', '8'], { from: 'user' }),
    /'8' is unknown; expected 4, 2048/,
  );
});

test('it is in the schema of experiments', () => {
  const { properties } = schemaOfAxes('', TABLE) as { properties: Record<string, object> };
  const value = { enum: ['4', '2048'], type: 'string' };
  assert.deepEqual(properties['page_kib'], {
    anyOf: [value, { items: value, type: 'array' }],
    description: 'Size of the pages that workers keep matrices in.',
  });
  assert.deepEqual(Object.keys(properties), [...AXES.map(({ name }) => name), 'page_kib']);
});

test('manifests tell what it is; runs from before it have its default, and summaries without it', () => {
  assert.deepEqual(describeAxes(TABLE).at(-1), {
    name: 'page_kib',
    field: 'page_kib',
    title: 'page size',
    unit: 'KiB',
    default: '4',
  });
  const manifest = manifestOf(EXPERIMENT);
  assert.equal(toyOf(completeRow(makeRow({}), TABLE)), '4');
  const experiment = completeExperiment(EXPERIMENT, TABLE);
  assert.deepEqual(experiment.axes['page_kib' as never], ['4']);
  const cells = [{ cell: 'local w1', system: 'local', n: 8, page_kib: '4' }] as never;
  assert.doesNotMatch(summaryCsv(manifest, cells), /page_kib/);
  assert.match(summaryCsv(manifest, cells), /^cell,system,engine,.*,attached,oversubscribed,/);
  assert.deepEqual(summaryIn(manifest, cells, TABLE), [
    { cell: 'local w1', system: 'local', n: 8 },
  ]);
});

test('rows from before there were topologies have that of their transport', () => {
  const topologyIn = (transport: TrialRow['transport']) => {
    const { topology: _, ...row } = makeRow({ transport });
    return completeRow(row as TrialRow).topology;
  };
  const transports = ['inproc', 'tcp', 'tcp-text', 'grpc', 'rest', 'ws'] as const;
  assert.deepEqual(transports.map(topologyIn), [
    ...['in-process', 'direct', 'direct', 'direct', 'relayed', 'relayed'],
  ]);
  assert.equal(completeRow(makeRow({ transport: 'tcp', topology: 'front' })).topology, 'front');
});

const toyOf = (row: TrialRow) => (row as unknown as Record<string, unknown>)['page_kib'];

test('no two axes share a name, a field or a flag, and every axis with a default can be left out', () => {
  for (const of of [(axis: Axis) => axis.name, (axis: Axis) => axis.field, flagOf]) {
    assert.equal(new Set(AXES.map(of)).size, AXES.length);
  }
  assert.deepEqual(
    describeAxes().find(({ name }) => name === 'service_ms'),
    {
      name: 'service_ms',
      field: 'service_ms',
      title: 'service time',
      unit: 'ms',
      default: 0,
    },
  );
  assert.equal(describeAxes().find(({ name }) => name === 'codec')?.unit, null);
});
