import type { Inject } from './handles.js';

/** The connections of a worker are reset, and new ones refused, for a while. */
export const disconnect: Inject = async ({ fault, handles, lasts }) => {
  const link = handles.link(fault.of);
  await link.cut();
  await lasts(fault.for_s ?? 0).finally(() => link.mend());
};
