import type { CellContrast } from '../analysis/contrasts.js';
import type { CellSummary } from '../analysis/summary.js';
import { alignColumns } from '../base/console.js';
import type { Axis } from '../experiment/axis.js';
import {
  levelOf,
  variantOf,
  varyingConditions,
  type WithCells,
  withCells,
} from './cells_in_words.js';
import { UNKNOWN, withInterval } from './numbers.js';

type Told = WithCells<CellContrast>;

/** What each choice makes of response times, for the console; empty without a contrast. */
export function renderContrasts(
  contrasts: readonly CellContrast[],
  cells: readonly CellSummary[],
): string {
  const told = withCells(contrasts, cells);
  if (told.length === 0) return '';
  const varying = varyingConditions(told.map(({ cell }) => cell));
  const across = varying.find(({ name }) => name === 'n') ?? varying[0];
  const down = varying.filter((axis) => axis !== across);
  const columns = [...new Set(told.map(({ cell }) => across && levelOf(cell, across)))];
  const rows = rowsOf(told, down, cells).map(({ label, own }) => {
    const { field, of } = measureOf(own);
    const ratios = columns.map((level) => {
      const one = own.find(({ cell }) => (across && levelOf(cell, across)) === level);
      const ratio = one?.told[field];
      return ratio === undefined ? UNKNOWN : withInterval(ratio);
    });
    return [...label, of, ...ratios];
  });
  const header = [
    ...['choice', 'systems', 'and so also', ...down.map(headingOf), 'of'],
    ...columns.map((level) => (across ? `${headingOf(across)} ${level}` : 'ratio')),
  ];
  return [
    'What one choice makes of the response time, as a ratio (of medians; where samples are too few for those, of means):',
    ...alignColumns([header, ...rows], header.length - columns.length),
    'and so also: what differs because of the choice; the ratio is that of all of it together.',
    '',
  ].join('\n');
}

/** Contrasts of the same two systems under conditions that differ only in what the columns are of. */
function rowsOf(told: readonly Told[], down: readonly Axis[], cells: readonly CellSummary[]) {
  const rows = new Map<string, { label: string[]; own: Told[] }>();
  for (const one of told) {
    const label = [
      one.told.choice,
      `${variantOf(one.cell, cells)} over ${variantOf(one.over, cells)}`,
      alsoOf(one.told),
      ...down.map((axis) => String(levelOf(one.cell, axis) ?? UNKNOWN)),
    ];
    const key = JSON.stringify(label);
    rows.set(key, { label, own: [...(rows.get(key)?.own ?? []), one] });
  }
  return [...rows.values()];
}

/** One measure for a row, so that its ratios can be compared with each other. */
function measureOf(own: readonly Told[]) {
  return own.every(({ told }) => told.response_ratio !== undefined)
    ? ({ field: 'response_ratio', of: 'medians' } as const)
    : ({ field: 'mean_response_ratio', of: 'means' } as const);
}

/** Fields in which there is a choice on both sides. */
function alsoOf({ choice, differs }: CellContrast): string {
  const also = Object.entries(differs).filter(
    ([field, values]) => field !== choice && !values.includes(null),
  );
  return also.length === 0 ? UNKNOWN : also.map(([field]) => field).join(', ');
}

function headingOf({ heading, title }: Axis): string {
  return heading ?? title;
}
