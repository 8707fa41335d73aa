/**
 * p-values adjusted so that all that are at most α together hold a false one with probability α at
 * most, whatever depends on what: Holm's step-down method, in the order given.
 * https://en.wikipedia.org/wiki/Holm%E2%80%93Bonferroni_method
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValue(i) - pValue(j));
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((i, place) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * pValue(i)));
    adjusted[i] = largest;
  });
  return adjusted;

  function pValue(i: number): number {
    return pValues[i] as number;
  }
}
