import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type DataSourceRef,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TrendBuilder } from '@grafana/grafana-foundation-sdk/trend';
import { linked } from './dashboard.js';
import { asNumber, toMatrix } from './panels.js';

/** The PostgreSQL that is chosen at the top: another name than the Prometheus of the other dashboards, which links hand on. */
const SOURCE: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: '$postgres' };

/** Of the trial that is chosen. */
const CHOSEN = "run_id = '$run' and trial = '$trial'";

/** Of the table that Grafana makes: the column of the seconds. */
const SECONDS_COLUMN = 'second\\worker';

/**
 * Runs that `./run-experiment send` has put into PostgreSQL: each worker over time, by the views of sql/postgres_schema.ts.
 */
export const WORKERS = linked({
  uid: 'enxame-workers',
  title: 'Enxame: workers in PostgreSQL',
  description:
    'What each worker did in a trial that was sent to PostgreSQL: throughput, drift and requests that took far longer than others.',
})
  .withVariable(
    new DatasourceVariableBuilder('postgres')
      .label('PostgreSQL')
      .type('grafana-postgresql-datasource'),
  )
  .withVariable(variable('run', 'select run_id from enxame.runs order by 1 desc'))
  .withVariable(
    variable('trial', "select trial from enxame.trials where run_id = '$run' order by 1"),
  )
  .withPanel(
    new StatBuilder()
      .title('Products')
      .description('Of all workers, in the whole trial.')
      .datasource(SOURCE)
      .height(4)
      .span(12)
      .withTarget(
        asking(`select sum(products) as products from enxame.worker_throughput where ${CHOSEN}`),
      ),
  )
  .withPanel(
    new StatBuilder()
      .title('Workers')
      .description('Those that made a product.')
      .datasource(SOURCE)
      .height(4)
      .span(12)
      .withTarget(
        asking(
          `select count(distinct worker) as workers from enxame.worker_throughput where ${CHOSEN}`,
        ),
      ),
  )
  .withPanel(overTime('Throughput', 'Products of each worker in each second.', 'products', 'reqps'))
  .withPanel(
    overTime(
      'Compute time',
      'Mean of the products of each worker in each second. One that rises is a worker that becomes slower.',
      'compute_ms',
      'ms',
    ),
  )
  .withPanel(
    table(
      'Drift',
      'The slope of the compute times of each worker, in milliseconds for each second, and how much of their spread it explains.',
      `select worker, ms_per_s, r2, products from enxame.worker_drift where ${CHOSEN} order by abs(ms_per_s) desc`,
    ),
  )
  .withPanel(
    table(
      'Anomalies',
      'Requests that took far longer than others of their trial, the longest first.',
      `select worker, sample, start_ms, response_ms, median_ms from enxame.anomalies where ${CHOSEN} order by response_ms desc limit 100`,
    ),
  )
  .withPanel(
    table(
      'Telemetry',
      'What the programs told when the trial had ended.',
      `select metric, labels, value from enxame.telemetry join enxame.trials using (trial_id) where ${CHOSEN} order by 1, 2`,
    ),
  );

function overTime(title: string, description: string, field: string, unit: string): TrendBuilder {
  const rows = `select second, worker, ${field} as value from enxame.worker_throughput where ${CHOSEN} order by 1, 2`;
  return new TrendBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .height(8)
    .span(12)
    .axisSoftMin(0)
    .spanNulls(true)
    .xField(SECONDS_COLUMN)
    .withTarget(asking(rows))
    .withTransformation(toMatrix('second', 'worker', 'value'))
    .withTransformation(asNumber(SECONDS_COLUMN));
}

function table(title: string, description: string, rawSql: string): TableBuilder {
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .height(8)
    .span(12)
    .withTarget(asking(rawSql));
}

function variable(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource(SOURCE)
    .query(query)
    .refresh(VariableRefresh.OnDashboardLoad);
}

/** A query in SQL, which the SDK has no builder for. */
function asking(rawSql: string): Builder<Dataquery> {
  const query = {
    ...{ refId: 'A', datasource: SOURCE, editorMode: 'code', format: 'table' },
    ...{ rawQuery: true, rawSql },
  };
  return { build: () => query as unknown as Dataquery };
}
