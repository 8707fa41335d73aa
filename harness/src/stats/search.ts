/** The smallest whole number that is enough, where `high` is and all above an enough one are. */
export function smallestWhole(low: number, high: number, isEnough: (n: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (isEnough(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}
