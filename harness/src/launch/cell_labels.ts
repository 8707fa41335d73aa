import type { Cell } from '../experiment/cells.js';

/** What series say of the cell that is measured; a type, so that it goes for any set of labels. */
export type CellLabels = Readonly<{ system: string; workers: number }>;

/** A browser with flags makes another system of it: its figures are not those of a user's. */
export function labelsOf({ system, workers, browserFlags }: Cell): CellLabels {
  const told = browserFlags === 'none' ? '' : ` ${browserFlags} (non-default flags)`;
  return { system: `${system.name}${told}`, workers };
}
