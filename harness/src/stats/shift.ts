/** A change of level in a series. */
export interface Shift {
  /** Of the first value after it. */
  readonly index: number;
  /** The mean of what comes after less that of what comes before. */
  readonly difference: number;
  /** Of finding one as clear where the order means nothing. */
  readonly p: number;
}

/**
 * The clearest change of level: the split at which the means on both sides differ most in units of
 * their standard error, the weighted CUSUM statistic (Csörgő and Horváth: Limit Theorems in
 * Change-Point Analysis, 1997, §2.1). Its p-value is that of a permutation test, which assumes only
 * that without a change every order of the values is equally likely (Antoch and Hušková: Permutation
 * tests in change point analysis, 2001); a series that drifts has a change as well.
 *
 * Needs four values or more, else undefined. `random` gives numbers of [0, 1).
 */
export function findShift(
  values: readonly number[],
  random: () => number,
  permutations = 999,
): Shift | undefined {
  if (values.length < 4) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const found = clearestSplit(centred);
  let asClear = 0;
  const order = Float64Array.from(centred);
  for (let i = 0; i < permutations; i++) {
    shuffle(order, random);
    // What differs by rounding only is the same.
    if (clearestSplit(order).clarity >= found.clarity * (1 - 1e-9)) asClear++;
  }
  const before = values.slice(0, found.index);
  const after = values.slice(found.index);
  return {
    index: found.index,
    difference: meanOf(after) - meanOf(before),
    p: (1 + asClear) / (1 + permutations),
  };
}

/** Of values whose mean is 0: the sum up to the split, in standard errors of unit variance. */
function clearestSplit(centred: ArrayLike<number>): { index: number; clarity: number } {
  const count = centred.length;
  let sum = 0;
  let best = { index: 1, clarity: -1 };
  for (let index = 1; index < count; index++) {
    sum += centred[index - 1] as number;
    const clarity = Math.abs(sum) / Math.sqrt((index * (count - index)) / count);
    if (clarity > best.clarity) best = { index, clarity };
  }
  return best;
}

/** Fisher and Yates, in place. */
function shuffle(values: Float64Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const value = values[i] as number;
    values[i] = values[j] as number;
    values[j] = value;
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
