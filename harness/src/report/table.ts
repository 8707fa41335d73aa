import type { CellSummary } from '../analysis/summary.js';
import { alignColumns } from '../base/console.js';
import { widthOf } from '../base/terminal.js';
import { AXES } from '../experiment/axes.js';
import type { Axis } from '../experiment/axis.js';
import { levelOf } from './cells_in_words.js';
import { percent, plain, UNKNOWN, withInterval } from './numbers.js';

/**
 * The table of a run: a row per cell, with ± half-widths where there are intervals, and what its
 * columns mean.
 */
export function renderTable(
  cells: readonly CellSummary[],
  cores: number,
  all: readonly Axis[] = AXES,
): string {
  if (cells.length === 0) return 'There is no table, because no trial succeeded.\n';
  const axes = all.filter((axis) => axis.name !== 'workers' && varies(cells, axis));
  const header = [
    'system',
    'workers',
    ...axes.map(({ title, heading }) => heading ?? title),
    'tasks/s',
    'median ms',
    'mean ms',
    'p95 ms',
    'compute',
    'speed-up',
    'other load',
  ];
  const rows = cells.map((cell) => [
    cell.system,
    String(cell.workers),
    ...axes.map((axis) => String(levelOf(cell, axis) ?? UNKNOWN)),
    withInterval(cell.throughput_per_s, plain),
    withInterval(cell.median_response_ms, plain),
    withInterval(cell.mean_response_ms, plain),
    withInterval(cell.p95_response_ms, plain),
    withInterval(cell.compute_share, percent),
    cell.speed_up ? withInterval(cell.speed_up, (value) => value.toFixed(2)) : UNKNOWN,
    cell.worst_other_share === null ? UNKNOWN : percent(cell.worst_other_share),
  ]);
  const [title = '', ...lines] = alignColumns([header, ...rows]);
  const table = lines.map((line, i) => withNotes(line, cells[i] as CellSummary, all));
  const rule = '─'.repeat(widthOf(title));
  const body = table.flatMap((line, i) => {
    const isNew = cells[i]?.system !== cells[i - 1]?.system;
    return isNew ? [rule, line] : [line];
  });
  return `${[title, ...body].join('\n')}\n\n${explain(cells, cores, all)}\n`;
}

/** Within a system: what differs between systems alone is part of what they are. */
function varies(cells: readonly CellSummary[], axis: Axis): boolean {
  const tracksWorkers =
    axis.name === 'in_flight' && cells.every((cell) => cell.in_flight === cell.workers);
  const systems = new Set(cells.map((cell) => cell.system));
  return (
    !tracksWorkers &&
    [...systems].some((system) => {
      const own = cells.filter((cell) => cell.system === system);
      return new Set(own.map((cell) => levelOf(cell, axis))).size > 1;
    })
  );
}

function withNotes(line: string, cell: CellSummary, axes: readonly Axis[]): string {
  const { oversubscribed, invalid } = cell;
  const notes = [
    ...(oversubscribed ? ['oversubscribed'] : []),
    ...axes.flatMap((axis) => noteOf(cell, axis) ?? []),
    ...(invalid > 0 ? [`${invalid} invalid`] : []),
  ];
  return [line, ...notes].join('  ');
}

function noteOf(cell: CellSummary, axis: Axis): string | undefined {
  return axis.note?.text(levelOf(cell, axis));
}

function explain(cells: readonly CellSummary[], cores: number, axes: readonly Axis[]): string {
  const notes = [
    'Response time is from submit to product; compute is its part inside the multiply loop; speed-up is over one worker; other load is the largest share of the processor time that other programs used in a launch.',
  ];
  if (cells.some((cell) => cell.throughput_per_s.low !== undefined)) {
    notes.push('±: half of the 95 % interval over launches (docs/statistics.md).');
  } else {
    notes.push('One launch: no interval.');
  }
  const crowded = cells.filter((cell) => cell.oversubscribed);
  if (crowded.length > 0) {
    // Of a placement or a duet there are fewer than the machine has.
    const processors = crowded.every(({ workers }) => workers > cores)
      ? `the ${cores} cores of this machine`
      : 'the processors that they may use';
    notes.push(`oversubscribed: more workers than ${processors}, so they take turns.`);
  }
  for (const axis of axes) {
    if (axis.note && cells.some((cell) => noteOf(cell, axis))) notes.push(axis.note.means);
  }
  if (cells.some((cell) => !Number.isFinite(cell.p95_response_ms.value))) {
    notes.push('–: too few samples, or too many that are alike (effective samples).');
  }
  if (cells.some((cell) => !Number.isFinite(cell.throughput_per_s.value))) {
    notes.push(
      '– for tasks/s and speed-up: the load is jittered; its clients wait before they submit, so their rate is not that of the system.',
    );
  }
  return notes.join('\n');
}
