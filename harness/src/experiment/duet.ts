import { UsageError } from '../base/errors.js';
import type { Processors } from '../base/processors.js';
import { type Cell, conditionsOf } from './cells.js';

/**
 * A duet measures two systems at the same time, each on processors of its own, so that whatever the
 * machine does meanwhile it does to both, and their ratio hardly sees it. The idea and its effect:
 * Bulej et al.: Duet Benchmarking: Improving Measurement Accuracy in the Cloud, ICPE 2020.
 */

/** The cell of the other system under the same conditions. Throws UsageError where there is not one. */
export function counterpartOf(cell: Cell, cells: readonly Cell[]): Cell {
  const wanted = conditionsOf(cell);
  const others = cells.filter(
    (other) => other.system.name !== cell.system.name && conditionsOf(other) === wanted,
  );
  const [other] = others;
  if (other !== undefined && others.length === 1) return other;
  const found = others.length === 0 ? 'none' : others.map(({ key }) => key).join(', ');
  throw new UsageError(
    `a duet measures two systems at the same time, and '${cell.key}' needs one cell of the other system under the same conditions; found ${found}`,
  );
}

/** Throws UsageError where the cells are not those of two systems, each with its counterpart. */
export function checkDuet(cells: readonly Cell[]): void {
  const systems = [...new Set(cells.map(({ system }) => system.name))];
  if (systems.length !== 2) {
    throw new UsageError(
      `a duet measures two systems at the same time, not ${systems.length} (${systems.join(', ')}); expected two in --systems`,
    );
  }
  for (const cell of cells) counterpartOf(cell, cells);
}

/**
 * The processors of a system in a block: one half of `processors` or the other. The first of the two
 * systems has the first half in the first block, the second one in the next, and so on, so that what
 * differs between the halves cancels. Of an odd number, one is left to the harness. Throws UsageError
 * for less than two.
 */
export function sideOf(
  isFirstSystem: boolean,
  block: number,
  processors: readonly number[],
): NonNullable<Processors> {
  if (processors.length < 2) {
    throw new UsageError(
      `a duet needs two processors, and only ${processors.length} may be used; measure one system after the other, without --duet`,
    );
  }
  const half = Math.floor(processors.length / 2);
  const isFirstHalf = isFirstSystem === (block % 2 === 1);
  return isFirstHalf ? processors.slice(0, half) : processors.slice(half, 2 * half);
}
