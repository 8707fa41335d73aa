/**
 * Metrics with their times, as OpenMetrics text:
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import { escapeText, formatLabel } from './page.js';

/** One metric, with the series that it has now. */
export type Metric = MetricObjectWithValues<MetricValue<string>>;

interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Family {
  readonly metric: Pick<Metric, 'name' | 'help' | 'type'>;
  /** By the text of their labels. */
  readonly series: Map<string, Point[]>;
}

/**
 * How long after a point it is repeated: Prometheus takes a series for ended five minutes after its last point
 * (--query.lookback-delta).
 */
export const REPEAT_MS = 4 * 60_000;

/** What metrics were, over time. Times are in milliseconds since 1970. */
export class History {
  private readonly families = new Map<string, Family>();

  /** `labels` are added to every series. */
  constructor(private readonly labels: Readonly<Record<string, string>>) {}

  /** Notes what changed of these metrics. A series of theirs that is there no more ends in NaN. */
  record(metrics: readonly Metric[], atMs: number): void {
    for (const metric of metrics) {
      const { series } = this.familyOf(metric);
      const there = new Set<string>();
      for (const { labels, value } of metric.values) {
        const key = this.textOf(labels);
        there.add(key);
        const points = series.get(key) ?? [];
        series.set(key, points);
        note(points, value, atMs);
      }
      for (const [key, points] of series) if (!there.has(key)) note(points, Number.NaN, atMs);
    }
  }

  /** Repeats what has been the same for so long that Prometheus would forget it. */
  repeat(atMs: number): void {
    for (const { series } of this.families.values()) {
      for (const points of series.values()) {
        const last = points.at(-1);
        if (last !== undefined && !Number.isNaN(last.value)) note(points, last.value, atMs);
      }
    }
  }

  /** How many series and points there are. */
  get size(): { readonly series: number; readonly points: number } {
    const all = [...this.families.values()].flatMap(({ series }) => [...series.values()]);
    return { series: all.length, points: all.reduce((sum, { length }) => sum + length, 0) };
  }

  toOpenMetrics(): string {
    const families = [...this.families.values()].map(textOfFamily);
    return [...families, '# EOF\n'].join('');
  }

  private familyOf({ name, help, type }: Metric): Family {
    const known = this.families.get(name);
    if (known !== undefined) return known;
    const family = { metric: { name, help, type }, series: new Map() };
    this.families.set(name, family);
    return family;
  }

  private textOf(labels: MetricValue<string>['labels']): string {
    const all = Object.entries({ ...this.labels, ...labels });
    return all.map(([name, value]) => formatLabel(name, value ?? '')).join(',');
  }
}

/** Points of a series follow each other in time, whatever was done to the clock. */
function note(points: Point[], value: number, atMs: number): void {
  const last = points.at(-1);
  const unchanged = last !== undefined && Object.is(last.value, value);
  if (unchanged && (Number.isNaN(value) || atMs - last.atMs < REPEAT_MS)) return;
  if (last !== undefined && last.atMs >= atMs) points.splice(-1, 1, { atMs: last.atMs, value });
  else points.push({ atMs, value });
}

function textOfFamily({ metric: { name, help, type }, series }: Family): string {
  // The name of a family of counters has no suffix, those of its series do.
  const family = name.replace(/_total$/, '');
  const lines = [`# TYPE ${family} ${type}`, `# HELP ${family} ${escapeText(help)}`];
  for (const [labels, points] of series) {
    for (const { atMs, value } of points) {
      lines.push(`${name}{${labels}} ${value} ${(atMs / 1000).toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
