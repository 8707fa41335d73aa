/** Of a word's letters, so many may be wrong. */
const MOST_WRONG = 0.4;
/** Three letters say which word is meant, when it begins with them. */
const BEGINNING = 3;

/** Of the words that are known, the one that was probably meant; undefined when none is alike. */
export function closestTo(word: string, known: readonly string[]): string | undefined {
  const wanted = plain(word);
  const ranked = known
    .map((candidate) => ({ candidate, share: unlike(wanted, plain(candidate)) }))
    .sort((a, b) => a.share - b.share);
  const [best] = ranked;
  return best !== undefined && best.share <= MOST_WRONG ? best.candidate : undefined;
}

/** `; did you mean 'verify'?`, the end of a sentence; nothing when no known word is alike. */
export function didYouMean(word: string, known: readonly string[]): string {
  const closest = closestTo(word, known);
  return closest === undefined ? '' : `; did you mean '${closest}'?`;
}

/** A capital, or `_` for `-`, is not a wrong letter. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}

function unlike(wanted: string, known: string): number {
  const begins = wanted.length >= BEGINNING && known.startsWith(wanted);
  return begins ? 0 : mistakes(wanted, known);
}

/**
 * Letters that are missing, too many, other ones, or swapped with their neighbour, over the letters of
 * the longer word (the optimal string alignment distance,
 * https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance).
 */
function mistakes(a: string, b: string): number {
  // rows[i][j]: from the first i letters of a to the first j of b.
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number) => rows[i]?.[j] ?? j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const fewest = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      (rows[i] as number[])[j] = fewest;
    }
  }
  return at(a.length, b.length) / Math.max(a.length, b.length, 1);
}
