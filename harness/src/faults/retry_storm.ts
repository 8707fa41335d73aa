import type { Inject, Injection } from './handles.js';

/** For how long a client waits for its product before it submits the same again. */
const PATIENCE_S = 0.05;

/** Clients that submit, lose patience, and submit the same task again, as naive retries do. */
export const retryStorm: Inject = async (injection) => {
  const { fault, handles } = injection;
  const { n } = handles;
  const row = `[${Array.from({ length: n }, () => 1).join(',')}]`;
  const ones = `[${Array.from({ length: n }, () => row).join(',')}]`;
  const url = `${handles.server()}/task?wait=${Math.ceil(1000 * (fault.for_s ?? 0))}`;
  const body = JSON.stringify({ A: ones, B: ones });
  const end = performance.now() + 1000 * (fault.for_s ?? 0);
  await Promise.all(
    Array.from({ length: fault.count ?? 1 }, () => client(url, body, end, injection)),
  );
};

async function client(
  url: string,
  body: string,
  end: number,
  { signal, lasts }: Injection,
): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  while (!signal.aborted && performance.now() < end) {
    const impatient = AbortSignal.any([signal, AbortSignal.timeout(1000 * PATIENCE_S)]);
    const answered = await fetch(url, { method: 'POST', headers, body, signal: impatient })
      .then((response) => response.text())
      .catch(() => undefined);
    // Also who is answered, or refused, at once submits no sooner.
    if (answered !== undefined || !impatient.aborted) await lasts(PATIENCE_S);
  }
}
