import type { Experiment } from './experiment.js';
import { seededRandom, shuffled } from './random.js';
import type { System } from './systems.js';

/** One cell of the experiment in one fresh launch. */
export interface Trial {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** Unique in the run, and the name of its samples file: `003-rest-wasm-w4-l1`. */
  readonly id: string;
  readonly system: System;
  readonly workers: number;
  /** From 1. */
  readonly launch: number;
}

/**
 * Every trial in the order in which to run it. A launch is a block that holds each cell once.
 * Within it, systems take turns: in each round every system has one trial, in an order drawn anew,
 * with a worker count drawn without replacement. So a slow minute of the machine falls on all
 * systems alike and never on one of them alone.
 */
export function planTrials(experiment: Experiment): Trial[] {
  const random = seededRandom(experiment.seed);
  const trials: Trial[] = [];
  for (let launch = 1; launch <= experiment.launches; launch++) {
    const columns = experiment.systems.map((system) => ({
      system,
      counts: shuffled(experiment.workers, random),
    }));
    for (let round = 0; round < experiment.workers.length; round++) {
      for (const { system, counts } of shuffled(columns, random)) {
        const workers = counts[round] as number;
        const index = trials.length;
        trials.push({
          index,
          id: trialId(index, system, workers, launch),
          system,
          workers,
          launch,
        });
      }
    }
  }
  return trials;
}

function trialId(index: number, system: System, workers: number, launch: number): string {
  return `${String(index + 1).padStart(3, '0')}-${system.name}-w${workers}-l${launch}`;
}
