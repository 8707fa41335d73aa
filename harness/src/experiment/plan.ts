import { type Cell, cellsOf, workloadOf } from './cells.js';
import { checkDuet } from './duet.js';
import type { Experiment } from './experiment.js';
import { type Random, seededRandom, shuffled } from './random.js';

/** One cell of the experiment in one fresh launch. */
export interface Trial {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** Unique in the run, and the name of its samples file: `003-rest-wasm-w4-l1`. */
  readonly id: string;
  readonly cell: Cell;
  /** From 1. Also the number of the block in which the trial is run. */
  readonly launch: number;
}

/** Counts up when the same experiment and seed come to be planned in another order. */
export const PLANNER = 2;

/**
 * Every trial in the order in which to run it. A launch is a block that holds each cell once. Within
 * it, cells that are compared are neighbours: those under the same conditions run one after the other,
 * a system each, in an order drawn from the seed, and so do the conditions. So a slow minute of the
 * machine falls on all systems alike, and on both sides of a ratio.
 */
export function planTrials(experiment: Experiment): Trial[] {
  const random = seededRandom(experiment.seed);
  const cells = cellsOf(experiment);
  if (experiment.duet) checkDuet(cells);
  const trials: Trial[] = [];
  for (let launch = 1; launch <= experiment.repetition.launches; launch++) {
    for (const cell of inRounds(cells, random)) {
      trials.push(makeTrial(trials.length, cell, launch));
    }
  }
  return trials;
}

export function makeTrial(index: number, cell: Cell, launch: number): Trial {
  const name = cell.key.replaceAll(/[ =]/g, '-');
  return { index, id: `${String(index + 1).padStart(3, '0')}-${name}-l${launch}`, cell, launch };
}

function inRounds(cells: readonly Cell[], random: Random): Cell[] {
  const rounds = new Map<string, Cell[]>();
  for (const cell of cells) {
    const conditions = workloadOf(cell);
    rounds.set(conditions, [...(rounds.get(conditions) ?? []), cell]);
  }
  return shuffled([...rounds.values()], random).flatMap((round) => shuffled(round, random));
}
