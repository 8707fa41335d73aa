/** Rows as the load generator writes them. */

export const HEADER =
  'sample,stage,client,start_ms,response_ms,backlog_ms,lateness_ms,submit_ms,queue_ms,dispatch_ms,decode_ms,compute_ms,encode_ms,return_ms,collect_ms,clock_error_ms,worker,outcome,error';

/**
 * A request that spent half of its time after the submit computing, and a tenth of it in no phase;
 * columns that are left out are as in a closed loop. The backlog holds the lateness.
 */
export function csvRow({
  sample = 0,
  startMs = sample,
  stage = 'measured',
  responseMs,
  backlogMs = 0,
  latenessMs = 0,
  worker = 'w1',
  outcome = 'ok',
  error = '',
}: {
  sample?: number;
  startMs?: number;
  stage?: string;
  responseMs: number;
  backlogMs?: number;
  latenessMs?: number;
  worker?: string;
  outcome?: string;
  error?: string;
}): string {
  const shares = [1, 2, 3, 4, 32, 5, 4, 6.6];
  const phases = shares.map((share) => (share * (responseMs - backlogMs)) / 64);
  const times = [startMs, responseMs, backlogMs, latenessMs, ...phases, 0.05];
  return [sample, stage, 0, ...times, worker, outcome, error].join(',');
}
