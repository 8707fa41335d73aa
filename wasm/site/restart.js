// Whether a coordinator that was away was restarted meanwhile.

import { addressOf } from './requests.js';

/** Its clock tells whole seconds. */
const CLOCK_MS = 1000;

/**
 * In words, when it has been away for `awayMs` until now. Asks it for its metrics, which say when it started by its own clock; where
 * there are tokens, a worker's is not one for them.
 */
export async function afterAbsence(awayMs) {
  const uptimeMs = await askUptime().catch(() => undefined);
  if (uptimeMs === undefined) return 'It was restarted, or out of reach.';
  return uptimeMs <= awayMs + CLOCK_MS
    ? 'It was restarted meanwhile.'
    : 'It was out of reach, and was not restarted.';
}

async function askUptime() {
  const signal = AbortSignal.timeout(5000);
  const response = await fetch(addressOf('/metrics'), { cache: 'no-store', signal });
  const now = Date.parse(response.headers.get('Date'));
  const started = /^process_start_time_seconds (\S+)$/m.exec(await response.text())?.[1];
  const uptimeMs = now - 1000 * Number(started);
  return Number.isFinite(uptimeMs) ? uptimeMs : undefined;
}
