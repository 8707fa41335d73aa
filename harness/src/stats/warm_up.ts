import { mean } from './moments.js';

const BATCH = 5;

/**
 * How many of the response times, in the order in which they were measured, are warm-up by MSER-5:
 * in batches of five, the cut that makes the standard error of the mean of the rest smallest,
 * looked for in the first half. Undefined when the smallest is at the end of that half: then the
 * trial was too short to say. White, An effective truncation heuristic for bias reduction in
 * simulation output, 1997, https://doi.org/10.1177/003754979706900601
 */
export function warmUpEnd(responses: readonly number[]): number | undefined {
  const batches = Array.from({ length: Math.floor(responses.length / BATCH) }, (_, i) =>
    mean(responses.slice(i * BATCH, (i + 1) * BATCH)),
  );
  const last = Math.floor(batches.length / 2);
  let best = { cut: 0, error: Number.POSITIVE_INFINITY };
  // From the end on, with Welford's running variance of what is behind the cut.
  let count = 0;
  let centre = 0;
  let squares = 0;
  for (let cut = batches.length - 1; cut >= 0; cut--) {
    const value = batches[cut] as number;
    count++;
    const off = value - centre;
    centre += off / count;
    squares += off * (value - centre);
    const error = squares / count ** 2;
    if (cut <= last && error <= best.error) best = { cut, error };
  }
  return best.cut === last ? undefined : best.cut * BATCH;
}
