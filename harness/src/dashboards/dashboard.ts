import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AdHocVariableBuilder,
  type AnnotationQuery,
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SOURCE } from './panels.js';
import { CELL, ofRun } from './queries.js';

/** By which dashboards find each other. */
const TAG = 'enxame';

/** Which choices a dashboard offers besides that of the run. */
export type Choice = 'cells' | 'ratio';

/** What a dashboard is called, and what it is for. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices: readonly Choice[];
}

/**
 * A dashboard of these panels, row by row, over the last quarter of an hour, with links to the others. Trials
 * are marked in every panel over time.
 */
export function dashboard(
  { uid, title, description, choices }: DashboardSpec,
  panels: readonly Builder<Panel>[],
): DashboardBuilder {
  const builder = linked({ uid, title, description })
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .annotation(trials())
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
    .withVariable(runVariable());
  for (const variable of choices.flatMap((choice) => VARIABLES_OF[choice]())) {
    builder.withVariable(variable);
  }
  for (const panel of panels) builder.withPanel(panel);
  return builder;
}

/** A dashboard without panels that leads to the others, with what was chosen. */
export function linked({
  uid,
  title,
  description,
}: Omit<DashboardSpec, 'choices'>): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Enxame')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    );
}

/** Each trial from its launch to its end, as a region that has its cell for a title. */
function trials(): Builder<AnnotationQuery> {
  const query = new AnnotationQueryBuilder()
    .name('Trials')
    .datasource(SOURCE)
    .enable(true)
    .iconColor('blue')
    .expr(`enxame_trial_running${ofRun()}`);
  // Fields of Grafana's Prometheus that its SDK does not know.
  return { build: () => ({ ...query.build(), step: '1s', titleFormat: CELL }) };
}

/** Runs are named by when they began: the first choice is the latest of them. */
function runVariable(): QueryVariableBuilder {
  return queryVariable('run', 'run', 'label_values(enxame_run_planned_trials, run)').sort(
    VariableSort.AlphabeticalDesc,
  );
}

const VARIABLES_OF = {
  cells: () => [
    cellVariable('system'),
    cellVariable('workers').sort(VariableSort.NumericalAsc),
    cellVariable('setting').sort(VariableSort.NaturalAsc),
    // Any other label: an axis that varies, a stage, a phase.
    new AdHocVariableBuilder('filters').label('filters').datasource(SOURCE),
  ],
  ratio: () => [
    systemVariable('numerator', 'ratio of', 'rest-wasm'),
    systemVariable('denominator', 'over', 'rpc-tcp'),
  ],
} as const satisfies Record<Choice, () => unknown>;

/** Some of the values of a label of cells, or all of them. */
function cellVariable(label: string): QueryVariableBuilder {
  return queryVariable(label, label, valuesOfCells(label))
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** One of the systems; Grafana takes the first where the run does not have `preferred`. */
function systemVariable(name: string, label: string, preferred: string): QueryVariableBuilder {
  return queryVariable(name, label, valuesOfCells('system'))
    .sort(VariableSort.AlphabeticalAsc)
    .current({ selected: true, text: preferred, value: preferred });
}

function queryVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

function valuesOfCells(label: string): string {
  return `label_values(enxame_run_trials_total${ofRun()}, ${label})`;
}
