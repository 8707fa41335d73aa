import type { Inject } from './handles.js';

/** A second load generator keeps further requests in flight for a while. */
export const burst: Inject = async ({ fault, handles, signal, note }) => {
  note(await handles.load(fault.count ?? 1, fault.for_s ?? 0, signal));
};
