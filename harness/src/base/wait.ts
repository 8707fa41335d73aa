/**
 * What the promise gives, unless `signal` is aborted first (throws its reason) or `deadlineMs` pass
 * (throws an Error: `what` took longer than that). The promise itself goes on; whoever started its
 * work ends it.
 */
export async function waitFor<T>(
  promise: Promise<T>,
  { what, deadlineMs, signal }: { what: string; deadlineMs: number; signal: AbortSignal },
): Promise<T> {
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let cancel: (reason: unknown) => void = () => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    cancel = reject;
  });
  const onAbort = () => cancel(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const tooLate = new Error(`${what} took more than ${deadlineMs / 1000} s`);
  const timer = setTimeout(() => cancel(tooLate), deadlineMs);
  try {
    return await Promise.race([promise, cancelled]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
