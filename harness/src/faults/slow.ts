import type { Inject } from './handles.js';

/** In which it is stopped once. Short for a task to notice, and long for timers, which are right to a millisecond. */
const PERIOD_S = 0.05;

/** It is stopped for a part of each twentieth of a second, so that it runs for `share` of its time. */
export const slow: Inject = async ({ fault: { of, for_s = 0, share = 1 }, handles, ...rest }) => {
  const { signal, lasts } = rest;
  const part = handles.part(of);
  const end = performance.now() + 1000 * for_s;
  while (!signal.aborted && performance.now() < end) {
    await part.pause();
    await lasts((1 - share) * PERIOD_S).finally(() => part.resume());
    await lasts(share * PERIOD_S);
  }
};
