import type { Estimate } from '../stats.js';
import type { Cell } from './summary.js';

/**
 * The table of a run: a row per cell, with ± half-widths where there are intervals, and what its
 * columns mean.
 */
export function renderTable(cells: readonly Cell[], cores: number): string {
  if (cells.length === 0) return 'No trial ended well, so there is no table.\n';
  const header = ['system', 'workers', 'tasks/s', 'median ms', 'p95 ms', 'compute', 'speed-up', ''];
  const rows = cells.map((cell) => [
    cell.system,
    String(cell.workers),
    withInterval(cell.throughput_per_s, plain),
    withInterval(cell.median_response_ms, plain),
    withInterval(cell.p95_response_ms, plain),
    withInterval(cell.compute_share, percent),
    cell.speed_up ? withInterval(cell.speed_up, (value) => value.toFixed(2)) : '–',
    cell.time_slicing ? 'time-slicing' : '',
  ]);
  const lines = alignColumns([header, ...rows]);
  return `${lines.join('\n')}\n\n${explain(cells, cores)}\n`;
}

function explain(cells: readonly Cell[], cores: number): string {
  const notes = [
    'Response time is from submit to product; compute is its part inside the multiply loop; speed-up is over one worker.',
  ];
  if (cells.some((cell) => cell.throughput_per_s.low !== undefined)) {
    notes.push("±: half of the 95 % interval of the mean over launches (Student's t).");
  } else {
    notes.push('One launch: no interval.');
  }
  if (cells.some((cell) => cell.time_slicing)) {
    notes.push(
      `time-slicing: more workers than the ${cores} cores of this machine, which they share in turns.`,
    );
  }
  return notes.join('\n');
}

/** Systems to the left, numbers to the right, a line between systems. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines: string[] = [];
  let previous: string | undefined;
  for (const row of rows) {
    const isNew = previous !== undefined && row[0] !== previous;
    if (isNew)
      lines.push(
        widths
          .map((width) => '─'.repeat(width))
          .join('──')
          .trimEnd(),
      );
    const fields = row.map((field, i) => {
      const width = widths[i] ?? 0;
      return i === 0 || i === row.length - 1 ? field.padEnd(width) : field.padStart(width);
    });
    lines.push(fields.join('  ').trimEnd());
    previous = row[0];
  }
  return lines;
}

function withInterval({ value, low, high }: Estimate, format: (value: number) => string): string {
  if (!Number.isFinite(value)) return '–';
  if (low === undefined || high === undefined) return format(value);
  return `${format(value)} ± ${format((high - low) / 2)}`;
}

/** Three significant digits, without an exponent. */
function plain(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
