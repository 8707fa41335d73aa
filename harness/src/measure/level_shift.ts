import { seededRandom } from '../experiment/random.js';
import { findShift } from '../stats/shift.js';
import type { Sample } from './samples.js';
import type { Window } from './window.js';

/** The clearest change of the response times' level within the measured time, be it one or not. */
export interface LevelShift {
  /** When, in seconds since the measured time began. */
  readonly at_s: number;
  /** Geometric mean of the response times after it over that before it. */
  readonly ratio: number;
  /** Of finding one as clear where nothing changes. */
  readonly p: number;
}

/** Blocks into which the measured time is cut; a shift in the first or the last of them is not seen. */
const BLOCKS = 100;
/** Of each block, on average: fewer, and it says little of the level. */
const SAMPLES_PER_BLOCK = 5;
const FEWEST_BLOCKS = 10;

/** Random numbers of the permutation test: the same samples always have the same result. */
const SEED = 1;

/** A shift is one when chance alone would hardly show as clear a one, */
const MOST_P = 0.01;
/** and when it matters. */
const LEAST_RATIO = 1.05;

/** Whether the level changed; undefined or null: too few samples tell. */
export function isShift(shift: LevelShift | null | undefined): shift is LevelShift {
  if (shift === undefined || shift === null) return false;
  return shift.p <= MOST_P && Math.abs(Math.log(shift.ratio)) >= Math.log(LEAST_RATIO);
}

/**
 * Response times of the measured time, block by block of equal length, in memory that does not grow
 * with them: where in the time each belongs is when it ended, in an open load when it was to start.
 */
export class Levels {
  private readonly logSums = new Float64Array(BLOCKS);
  private readonly counts = new Float64Array(BLOCKS);

  constructor(private readonly window: Window) {}

  record({ startMs, responseMs }: Sample): void {
    const { warm_up_s, measured_s, open } = this.window;
    const atS = (open ? startMs : startMs + responseMs) / 1000 - warm_up_s;
    const block = Math.floor((atS / measured_s) * BLOCKS);
    const within = Math.min(Math.max(block, 0), BLOCKS - 1);
    this.logSums[within] = (this.logSums[within] as number) + Math.log(responseMs);
    this.counts[within] = (this.counts[within] as number) + 1;
  }

  /** null where there are too few samples to tell. */
  shift(): LevelShift | null {
    const samples = this.counts.reduce((sum, count) => sum + count, 0);
    const blocks = Math.min(BLOCKS, Math.floor(samples / SAMPLES_PER_BLOCK));
    if (blocks < FEWEST_BLOCKS) return null;
    const levels = this.levelsOf(blocks);
    const found = findShift(
      levels.map(({ level }) => level),
      seededRandom(SEED),
    );
    if (found === undefined) return null;
    return {
      at_s: (levels[found.index] as Level).startsAtShare * this.window.measured_s,
      ratio: Math.exp(found.difference),
      p: found.p,
    };
  }

  /** The mean logarithm in so many blocks; those in which nothing ended are left out. */
  private levelsOf(blocks: number): Level[] {
    const sums = new Float64Array(blocks);
    const counts = new Float64Array(blocks);
    for (let i = 0; i < BLOCKS; i++) {
      const into = Math.floor((i * blocks) / BLOCKS);
      sums[into] = (sums[into] as number) + (this.logSums[i] as number);
      counts[into] = (counts[into] as number) + (this.counts[i] as number);
    }
    return [...sums].flatMap((sum, i) =>
      counts[i] === 0 ? [] : [{ level: sum / (counts[i] as number), startsAtShare: i / blocks }],
    );
  }
}

interface Level {
  readonly level: number;
  /** Where in the measured time its block begins, 0 to 1. */
  readonly startsAtShare: number;
}
