import type { CellFaultEffects } from '../analysis/cell_fault_effects.js';
import type { CellSummary } from '../analysis/summary.js';
import { alignColumns } from '../base/console.js';
import { plain, UNKNOWN } from './numbers.js';

const COUNTS = [
  'accepted',
  'completed',
  'failed',
  'lost',
  'wrong',
  'duplicated',
  'refused',
  'repeated',
] as const satisfies readonly (keyof CellFaultEffects)[];

const MEANING = [
  'Requests of the measured time and after it. failed: the system gave up and said so; lost: accepted and never answered; duplicated: answered twice; refused: turned away and not accepted; repeated: attempts at tasks beyond the first, by the coordinator.',
  'recovered: the longest time from a fault until throughput was back at 90 % of what it was before; held: until the last request that was under way had ended (results/README.md).',
];

/** What faults did to each system, a row per plan; empty where none were injected. */
export function renderFaultTable(cells: readonly CellSummary[]): string {
  const rows = cells.flatMap((cell) => {
    const { fault_effects: effects } = cell;
    if (effects === undefined) return [];
    return [
      [
        cell.system,
        String(cell.workers),
        cell.faults,
        ...COUNTS.map((name) => (effects[name] === null ? UNKNOWN : String(effects[name]))),
        secondsOf(effects.recovered_s),
        secondsOf(effects.held_s),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const header = ['system', 'workers', 'faults', ...COUNTS, 'recovered s', 'held s'];
  return `${[...alignColumns([header, ...rows]), '', ...MEANING].join('\n')}\n`;
}

function secondsOf(seconds: number | null): string {
  return seconds === null ? UNKNOWN : plain(seconds);
}
