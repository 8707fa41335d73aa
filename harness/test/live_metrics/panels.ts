/** The panels of the committed dashboards, as Prometheus is asked for them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../../src/base/shell.js';

const FOLDER = join(REPOSITORY, 'dashboards', 'grafana', 'dashboards');

/** What Grafana fills in, when everything is chosen and Prometheus is asked every second. */
const FILLED_IN = {
  $run: '.*',
  $system: '.*',
  $workers: '.*',
  $setting: '.*',
  $numerator: 'rest-wasm',
  $denominator: 'rpc-tcp',
  $__rate_interval: '4s',
  $__range: '15m',
};

/** One query of one panel, or of the annotations of a dashboard. */
export interface PanelQuery {
  /** `Enxame: host / Load / A` */
  readonly name: string;
  readonly expr: string;
  /** Whether the panel shows one moment instead of a stretch of time. */
  readonly instant: boolean;
}

interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly rawSql?: string;
  readonly instant?: boolean;
}

interface Dashboard {
  readonly title: string;
  readonly templating?: {
    readonly list?: readonly { readonly name: string; readonly query?: unknown }[];
  };
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
  readonly annotations?: {
    readonly list?: readonly { readonly name: string; readonly expr: string }[];
  };
}

/** `chosen`: what is filled in for some of the variables. */
export function readPanelQueries(chosen: Partial<typeof FILLED_IN> = {}): PanelQuery[] {
  const values = { ...FILLED_IN, ...chosen };
  return readdirSync(FOLDER).flatMap((file) => {
    const dashboard = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard;
    const ofPanels = dashboard.panels.flatMap((panel) =>
      panel.targets.flatMap(({ refId, expr, instant }) => {
        const name = `${dashboard.title} / ${panel.title} / ${refId}`;
        if (expr === undefined) return []; // it asks PostgreSQL
        return [{ name, expr: fillIn(expr, values), instant: instant === true }];
      }),
    );
    const ofAnnotations = (dashboard.annotations?.list ?? []).map(({ name, expr }) => ({
      name: `${dashboard.title} / ${name}`,
      expr: fillIn(expr, values),
      instant: false,
    }));
    return [...ofPanels, ...ofAnnotations];
  });
}

/** What panels ask PostgreSQL, and what their variables do, of that run and that trial. */
export function readSql(run: string, trial: string): { name: string; sql: string }[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const dashboard = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard;
    const ofPanels = dashboard.panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ rawSql }) => (rawSql === undefined ? [] : [{ name: title, sql: rawSql }])),
    );
    const variables = dashboard.templating?.list ?? [];
    const ofVariables = variables.flatMap(({ name, query }) =>
      typeof query === 'string' && query.startsWith('select ') ? [{ name, sql: query }] : [],
    );
    return [...ofVariables, ...ofPanels].map(({ name, sql }) => ({
      name,
      sql: fillIn(sql, { $run: run, $trial: trial }),
    }));
  });
}

function fillIn(expr: string, values: Readonly<Record<string, string>>): string {
  let filled = expr;
  for (const [variable, value] of Object.entries(values))
    filled = filled.replaceAll(variable, value);
  if (filled.includes('$')) throw new Error(`nobody fills in a variable of ${filled}`);
  return filled;
}

/** Asks a Prometheus: whether it has a number for the query, at any time since `sinceS`. */
export async function hasData(url: string, query: PanelQuery, sinceS: number): Promise<boolean> {
  const nowS = Date.now() / 1000;
  const time = query.instant
    ? { time: String(nowS) }
    : { start: String(sinceS), end: String(nowS), step: '1' };
  const path = query.instant ? 'query' : 'query_range';
  const parameters = new URLSearchParams({ query: query.expr, ...time });
  const response = await fetch(`${url}/api/v1/${path}?${parameters}`);
  const text = await response.text();
  // It is about to end, as it does with the run.
  if (response.status === 503) return false;
  if (!response.ok) throw new Error(`${query.name} was answered ${response.status}: ${text}`);
  const { data } = JSON.parse(text) as {
    data: { result: { value?: [number, string]; values?: [number, string][] }[] };
  };
  const points = data.result.flatMap(({ value, values }) => (value ? [value] : (values ?? [])));
  return points.some(([, number]) => Number.isFinite(Number(number)));
}
