import type { FaultEffects } from '../measure/fault_effects.js';
import type { TrialResults } from '../run_folder/rows.js';

/** Sums over the launches of a cell, and of times the longest. */
export interface CellFaultEffects extends Omit<FaultEffects, 'recoveries'> {
  /** Attempts at tasks beyond the first; null: no coordinator told. */
  readonly repeated: number | null;
  /** From a fault until throughput was back; null: in some launch it was not. */
  readonly recovered_s: number | null;
  /** From a fault until the last request that was under way then had ended; null: none was. */
  readonly held_s: number | null;
}

const COUNTS = [
  'accepted',
  'completed',
  'refused',
  'failed',
  'lost',
  'wrong',
  'duplicated',
] as const;

/** The fields of CellFaultEffects. */
export const FAULT_EFFECTS = [...COUNTS, 'repeated', 'recovered_s', 'held_s'] as const;

/** Undefined where no faults were injected. */
export function faultEffectsOf(results: readonly TrialResults[]): CellFaultEffects | undefined {
  const each = results.flatMap(({ fault_effects }) => fault_effects ?? []);
  if (each.length === 0) return undefined;
  const sums = COUNTS.map((name) => [name, each.reduce((sum, effects) => sum + effects[name], 0)]);
  const repeated = results.map(({ repeated_attempts }) => repeated_attempts ?? null);
  const recoveries = each.flatMap(({ recoveries }) => recoveries);
  const recovered = recoveries.map(({ recovered_s }) => recovered_s);
  const held = recoveries.flatMap(({ held_s }) => held_s ?? []);
  return {
    ...(Object.fromEntries(sums) as Record<(typeof COUNTS)[number], number>),
    repeated: repeated.includes(null)
      ? null
      : repeated.reduce((sum, n) => (sum ?? 0) + (n ?? 0), 0),
    recovered_s: recovered.includes(null) ? null : Math.max(...(recovered as number[])),
    held_s: held.length === 0 ? null : Math.max(...held),
  };
}
