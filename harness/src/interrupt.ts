import { setMaxListeners } from 'node:events';
import { Interrupted } from './errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that is aborted with Interrupted when the process is told to end, and with the error
 * when something was thrown that nobody caught. `onFirst` is told the reason; when either happens
 * again, `onAgain` is called.
 */
export function abortOnInterrupt(
  onFirst: (reason: Error) => void,
  onAgain: () => void,
): AbortSignal {
  const controller = new AbortController();
  // Each worker that is waited for listens, and there may be any number of them.
  setMaxListeners(0, controller.signal);
  const abort = (reason: Error) => {
    if (controller.signal.aborted) return onAgain();
    controller.abort(reason);
    onFirst(reason);
  };
  for (const name of SIGNALS) process.on(name, () => abort(new Interrupted(name)));
  process.on('uncaughtException', abort);
  return controller.signal;
}
