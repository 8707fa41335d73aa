import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DataSourceRef,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { PanelBuilder as TrendBuilder } from '@grafana/grafana-foundation-sdk/trend';

/** Grafana's names of units. */
export type Unit = 's' | 'bytes' | 'Bps' | 'percentunit' | 'short' | 'ops' | 'reqps';

/** What a panel asks, and how it names each series of the answer. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What is drawn against time or workers. */
export interface AxesSpec {
  readonly title: string;
  /** What it shows and how to read it, in a sentence or two. */
  readonly description: string;
  readonly unit: Unit;
  /** Of the values. `log`: where they span decades. Default: linear, from 0. */
  readonly scale?: 'log';
  /** Where a dashed line is drawn: a limit, or what there is to compare with. */
  readonly dashedAt?: number;
}

export interface PanelSpec extends AxesSpec {
  readonly queries: readonly Query[];
}

/** The Prometheus that is chosen at the top of a dashboard. */
export const SOURCE: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** Lines over time. */
export function lines(spec: PanelSpec, width = 12): Builder<Panel> {
  const panel = withAxes(new TimeSeriesBuilder(), spec)
    .height(8)
    .span(width)
    .lineWidth(1)
    .fillOpacity(spec.scale === 'log' ? 0 : 8);
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

/** Of the table that Grafana makes: the column of the worker counts. */
const WORKERS_COLUMN = 'workers\\line';

/**
 * A line for each system and setting against the number of workers, on a logarithmic axis: of one query, as it
 * is at the end of the time that the dashboard shows.
 */
export function againstWorkers(spec: AxesSpec, expr: string): Builder<Panel> {
  // Grafana makes columns of a single label.
  const named = `label_join(${expr}, "line", " ", "system", "setting")`;
  return withAxes(new TrendBuilder(), spec)
    .height(9)
    .span(12)
    .lineWidth(1)
    .showPoints(VisibilityMode.Always)
    .spanNulls(true)
    .xField(WORKERS_COLUMN)
    .overrideByName(WORKERS_COLUMN, [
      { id: 'unit', value: 'none' },
      { id: 'custom.axisLabel', value: 'workers' },
      { id: 'custom.axisSoftMin', value: 1 },
      { id: 'custom.scaleDistribution', value: { type: ScaleDistribution.Log, log: 2 } },
    ])
    .withTarget(
      new DataqueryBuilder().refId('A').expr(named).format(PromQueryFormat.Table).instant(),
    )
    .withTransformation(asNumber('workers'))
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'workers' }] } })
    .withTransformation(toMatrix('workers', 'line', 'Value'))
    .withTransformation(asNumber(WORKERS_COLUMN));
}

/** Text has another order: 1, 16, 2. */
export function asNumber(targetField: string) {
  return {
    id: 'convertFieldType',
    options: { conversions: [{ targetField, destinationType: 'number' }] },
  };
}

/** A column of values for each of a field; the rows are called `rowField\\columnField`. */
export function toMatrix(rowField: string, columnField: string, valueField: string) {
  const options = { columnField, rowField, valueField, emptyValue: 'null' };
  return { id: 'groupingToMatrix', options };
}

/** Title, axes and dashed line. */
function withAxes<B extends TimeSeriesBuilder | TrendBuilder>(
  panel: B,
  { title, description, unit, scale, dashedAt }: AxesSpec,
): B {
  panel.title(title).description(description).datasource(SOURCE).unit(unit);
  if (scale === 'log') {
    const log = new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10);
    panel.scaleDistribution(log);
  } else {
    panel.axisSoftMin(0);
  }
  if (dashedAt !== undefined) {
    const steps = [
      { value: null, color: 'green' },
      { value: dashedAt, color: 'red' },
    ];
    panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
    const style = new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed);
    panel.thresholdsStyle(style);
  }
  return panel;
}
