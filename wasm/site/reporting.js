// How often a worker tells its page about itself. Each state is told at once when it was not told lately, so that a page shows
// what takes long; the rest waits for the end of the period, so that a thousand tasks a second cost a few messages.

const PERIOD_MS = 500;

/** Returns a function to call at every transition, with the state as a number; it calls `tell` as often as is due. */
export function reporter(tell) {
  const told = new Map();
  let timer = 0;
  return (state) => {
    const now = performance.now();
    if (now - (told.get(state) ?? Number.NEGATIVE_INFINITY) >= PERIOD_MS) {
      told.set(state, now);
      tell();
    } else if (timer === 0) {
      timer = setTimeout(() => {
        timer = 0;
        tell();
      }, PERIOD_MS);
    }
  };
}
