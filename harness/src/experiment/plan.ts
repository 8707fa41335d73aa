import { type Cell, cellsOf } from './cells.js';
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

/**
 * Every trial in the order in which to run it. A launch is a block that holds each cell once.
 * Within it, systems take turns: the m cells of a system, in an order drawn from the seed, are spread
 * evenly over the block, each at a random place of its m-th part. So a slow minute of the machine
 * falls on all systems alike and never on one of them alone.
 */
export function planTrials(experiment: Experiment): Trial[] {
  const random = seededRandom(experiment.seed);
  const cells = cellsOf(experiment);
  if (experiment.duet) checkDuet(cells);
  const trials: Trial[] = [];
  for (let launch = 1; launch <= experiment.repetition.launches; launch++) {
    for (const cell of interleaved(cells, random)) {
      trials.push(makeTrial(trials.length, cell, launch));
    }
  }
  return trials;
}

export function makeTrial(index: number, cell: Cell, launch: number): Trial {
  const name = cell.key.replaceAll(/[ =]/g, '-');
  return { index, id: `${String(index + 1).padStart(3, '0')}-${name}-l${launch}`, cell, launch };
}

function interleaved(cells: readonly Cell[], random: Random): Cell[] {
  const systems = [...new Set(cells.map((cell) => cell.system.name))];
  const placed = systems.flatMap((system) => {
    const own = shuffled(
      cells.filter((cell) => cell.system.name === system),
      random,
    );
    return own.map((cell, i) => ({ cell, place: (i + random()) / own.length }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ cell }) => cell);
}
