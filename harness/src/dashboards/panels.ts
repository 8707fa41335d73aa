import { PanelBuilder as BarChartBuilder } from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  type DataSourceRef,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Grafana's names of units. */
export type Unit = 's' | 'bytes' | 'Bps' | 'percentunit' | 'short' | 'ops' | 'reqps';

/** What a panel asks, and how it names each series of the answer. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  /** What it shows and how to read it, in a sentence or two. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

const SOURCE: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** Labels that keep to what is chosen at the top of a dashboard, with more before them if need be. */
export function chosen(...labels: string[]): string {
  return `{${[...labels, 'system=~"$system"', 'workers=~"$workers"'].join(',')}}`;
}

/** Lines over time. */
export function lines(spec: PanelSpec, width = 12): Builder<Panel> {
  const panel = new TimeSeriesBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(SOURCE)
    .unit(spec.unit)
    .min(0)
    .height(8)
    .span(width)
    .lineWidth(1)
    .fillOpacity(8);
  for (const target of targetsOf(spec)) panel.withTarget(target);
  return panel;
}

/** The latest value of each series. */
export function numbers(spec: PanelSpec, width = 6): Builder<Panel> {
  const panel = new StatBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(SOURCE)
    .unit(spec.unit)
    .height(4)
    .span(width);
  for (const target of targetsOf(spec)) panel.withTarget(target);
  return panel;
}

/** The queries of a panel, named A, B, … as Grafana would. */
function targetsOf({ queries }: PanelSpec): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, i) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + i))
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}

/** Bars against the number of workers, a colour for each system: of one query, as it is now. */
export function againstWorkers(spec: Omit<PanelSpec, 'queries'>, expr: string): Builder<Panel> {
  return new BarChartBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(SOURCE)
    .unit(spec.unit)
    .min(0)
    .height(9)
    .span(12)
    .xField('workers\\system')
    .withTarget(new DataqueryBuilder().expr(expr).format(PromQueryFormat.Table).instant())
    .withTransformation({
      id: 'groupingToMatrix',
      options: { columnField: 'system', rowField: 'workers', valueField: 'Value' },
    });
}

/** A dashboard of these panels, row by row, over the last quarter of an hour. */
export function dashboard(
  uid: string,
  title: string,
  description: string,
  panels: readonly Builder<Panel>[],
): DashboardBuilder {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['enxame'])
    .readonly()
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
    .withVariable(labelVariable('system'))
    .withVariable(labelVariable('workers'));
  for (const panel of panels) builder.withPanel(panel);
  return builder;
}

function labelVariable(label: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(label)
    .datasource(SOURCE)
    .query(`label_values(enxame_run_trials_total, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NumericalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}
