import type { CellSummary } from '../analysis/summary.js';
import { alignColumns } from '../base/console.js';
import { widthOf } from '../base/terminal.js';
import type { Estimate } from '../stats/estimate.js';

/** What tells cells apart; each is a column of the table when it varies. */
const AXES = [
  ['n', 'n'],
  ['transport', 'transport'],
  ['codec', 'codec'],
  ['kernel', 'kernel'],
  ['dispatch', 'dispatch'],
  ['collection', 'collection'],
  ['connections', 'connections'],
  ['values', 'values'],
  ['split', 'split'],
  ['service_ms', 'service ms'],
  ['in_flight', 'in flight'],
  ['rate_per_s', 'offered/s'],
  ['browser_flags', 'browser flags'],
  ['browsers', 'browsers'],
  ['attached', 'attached'],
] as const;

/**
 * The table of a run: a row per cell, with ± half-widths where there are intervals, and what its
 * columns mean.
 */
export function renderTable(cells: readonly CellSummary[], cores: number): string {
  if (cells.length === 0) return 'No trial ended well, so there is no table.\n';
  const axes = AXES.filter(([field]) => varies(cells, field));
  const header = [
    'system',
    'workers',
    ...axes.map(([, title]) => title),
    'tasks/s',
    'median ms',
    'p95 ms',
    'compute',
    'speed-up',
  ];
  const rows = cells.map((cell) => [
    cell.system,
    String(cell.workers),
    ...axes.map(([field]) => String(cell[field] ?? '–')),
    withInterval(cell.throughput_per_s, plain),
    withInterval(cell.median_response_ms, plain),
    withInterval(cell.p95_response_ms, plain),
    withInterval(cell.compute_share, percent),
    cell.speed_up ? withInterval(cell.speed_up, (value) => value.toFixed(2)) : '–',
  ]);
  const [title = '', ...lines] = alignColumns([header, ...rows]);
  const table = lines.map((line, i) => withNotes(line, cells[i] as CellSummary));
  const rule = '─'.repeat(widthOf(title));
  const body = table.flatMap((line, i) => {
    const isNew = cells[i]?.system !== cells[i - 1]?.system;
    return isNew ? [rule, line] : [line];
  });
  return `${[title, ...body].join('\n')}\n\n${explain(cells, cores)}\n`;
}

/** Within a system: what differs between systems alone is part of what they are. */
function varies(cells: readonly CellSummary[], field: keyof CellSummary): boolean {
  const tracksWorkers =
    field === 'in_flight' && cells.every((cell) => cell.in_flight === cell.workers);
  const systems = new Set(cells.map((cell) => cell.system));
  return (
    !tracksWorkers &&
    [...systems].some((system) => {
      const own = cells.filter((cell) => cell.system === system);
      return new Set(own.map((cell) => cell[field])).size > 1;
    })
  );
}

function withNotes(line: string, cell: CellSummary): string {
  const { time_slicing, service_ms, browser_flags, non_default_browser, invalid } = cell;
  const notes = [
    ...(time_slicing ? ['time-slicing'] : []),
    ...(service_ms > 0 ? [`service time ${service_ms} ms`] : []),
    ...(non_default_browser ? [`non-default browser flags: ${browser_flags}`] : []),
    ...(invalid > 0 ? [`${invalid} invalid`] : []),
  ];
  return [line, ...notes].join('  ');
}

function explain(cells: readonly CellSummary[], cores: number): string {
  const notes = [
    'Response time is from submit to product; compute is its part inside the multiply loop; speed-up is over one worker.',
  ];
  if (cells.some((cell) => cell.throughput_per_s.low !== undefined)) {
    notes.push('±: half of the 95 % interval over launches (docs/statistics.md).');
  } else {
    notes.push('One launch: no interval.');
  }
  if (cells.some((cell) => cell.time_slicing)) {
    notes.push(
      `time-slicing: more workers than the ${cores} cores of this machine, which they share in turns.`,
    );
  }
  if (cells.some((cell) => cell.service_ms > 0)) {
    notes.push(
      'service time: workers hold each task for so long and mostly wait, which counts as compute, so that cores do not limit how many there are.',
    );
  }
  if (cells.some((cell) => cell.non_default_browser)) {
    notes.push(
      "non-default browser flags: what no user's browser does by itself (--browser-flags).",
    );
  }
  if (cells.some((cell) => !Number.isFinite(cell.p95_response_ms.value))) {
    notes.push('–: too few samples to carry it.');
  }
  return notes.join('\n');
}

function withInterval({ value, low, high }: Estimate, format: (value: number) => string): string {
  if (!Number.isFinite(value)) return '–';
  if (low === undefined || high === undefined) return format(value);
  const half = (high - low) / 2;
  // What is left of equal values is rounding.
  return `${format(value)} ± ${half < 1e-9 * Math.abs(value) ? '0' : format(half)}`;
}

/** Three significant digits, without an exponent. */
function plain(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
