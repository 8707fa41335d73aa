import type { Inject } from './handles.js';

/** It does nothing for a while, and does not notice: SIGSTOP and SIGCONT, a tab as browsers freeze them. */
export const freeze: Inject = async ({ fault, handles, lasts }) => {
  const part = handles.part(fault.of);
  await part.pause();
  await lasts(fault.for_s ?? 0).finally(() => part.resume());
};
