import type { Inject } from './handles.js';

/** A process gets SIGKILL, a tab crashes; restarted only where the fault says so. */
export const kill: Inject = async ({ fault, handles, signal, lasts }) => {
  const part = handles.part(fault.of);
  await part.kill();
  if (fault.restart_after_s === undefined) return;
  await lasts(fault.restart_after_s);
  if (!signal.aborted) await part.restart();
};
