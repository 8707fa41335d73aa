/**
 * Pages in Prometheus' text format, as one process hands them to another:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

/** One metric: its HELP and TYPE lines, and its series by name and labels, `a{b="c"}`. */
interface Family {
  readonly comments: string[];
  readonly series: Map<string, number>;
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

/**
 * One page out of those of processes that do the same work: what they tell is added up, series by
 * series, so that nothing in it names a process; and `labels` are added to every series. Of start
 * times, which have no sum, the latest is taken. Throws an Error that quotes a line which is no
 * series.
 */
export function mergePages(
  pages: readonly string[],
  labels: Readonly<Record<string, string | number>>,
): string {
  const added = Object.entries(labels).map(([name, value]) => formatLabel(name, value));
  const families = new Map<string, Family>();
  for (const page of pages) addPage(page, added, families);
  const lines = [...families.values()].flatMap(({ comments, series }) => [
    ...comments,
    ...[...series].map(([name, value]) => `${name} ${formatValue(value)}`),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

function addPage(page: string, added: readonly string[], families: Map<string, Family>): void {
  let family: Family | undefined;
  for (const line of page.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) {
      const name = line.split(' ')[2] ?? '';
      family = families.get(name) ?? { comments: [], series: new Map() };
      families.set(name, family);
      if (!family.comments.includes(line)) family.comments.push(line);
      continue;
    }
    const [, name, own, value] = SERIES.exec(line) ?? [];
    if (family === undefined || name === undefined || value === undefined) {
      throw new Error(`'${line}' is not a valid line of a page of metrics`);
    }
    const key = `${name}{${[...added, ...(own ? [own] : [])].join(',')}}`;
    const before = family.series.get(key);
    family.series.set(key, combine(name, before, parseValue(value)));
  }
}

function combine(name: string, before: number | undefined, value: number): number {
  if (before === undefined) return value;
  return name === 'process_start_time_seconds' ? Math.max(before, value) : before + value;
}

function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

function formatValue(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

/** `system="rest-wasm"` */
export function formatLabel(name: string, value: string | number): string {
  return `${name}="${escapeText(String(value))}"`;
}

/** As OpenMetrics has labels and helps, and Prometheus' own format has labels. */
export function escapeText(text: string): string {
  return text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}
