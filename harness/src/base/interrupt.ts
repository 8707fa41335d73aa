import { setMaxListeners } from 'node:events';
import { Interrupted } from './errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The signals, separated by blanks, that ./run-experiment was started to ignore: by nohup, SIGHUP. It names
 * them here, because Node sets every signal to its default before a program can ask the kernel.
 */
const IGNORED = 'ENXAME_IGNORED_SIGNALS';

const ignored: ReadonlySet<string> = new Set((process.env[IGNORED] ?? '').split(' '));

/** To be called first, so that such a signal ends nothing from then on. */
export function ignoreWhatTheCallerIgnored(): void {
  // Not for programs that this one starts: they are told by signals when to end.
  delete process.env[IGNORED];
  for (const name of SIGNALS) if (ignored.has(name)) process.on(name, () => undefined);
}

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
  const heeded = SIGNALS.filter((name) => !ignored.has(name));
  for (const name of heeded) process.on(name, () => abort(new Interrupted(name)));
  process.on('uncaughtException', abort);
  return controller.signal;
}
