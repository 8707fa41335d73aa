/** Rows as the load generator writes them. */

export const HEADER =
  'sample,stage,client,start_ms,response_ms,backlog_ms,lateness_ms,submit_ms,queue_ms,dispatch_ms,decode_ms,compute_ms,encode_ms,return_ms,collect_ms,closure_ms,clock_error_ms,worker,outcome,error';

/** A request that spent half of its time computing; columns that are left out are as in a closed loop. */
export function csvRow({
  sample = 0,
  startMs = sample,
  stage = 'measured',
  responseMs,
  worker = 'w1',
  outcome = 'ok',
  error = '',
}: {
  sample?: number;
  startMs?: number;
  stage?: string;
  responseMs: number;
  worker?: string;
  outcome?: string;
  error?: string;
}): string {
  const phases = [0.1, 0.2, 0.3, 0.4, responseMs / 2, 0.6, 0.7, 0.8];
  const times = [startMs, responseMs, 0, 0, ...phases, responseMs / 10, 0.05];
  return [sample, stage, 0, ...times, worker, outcome, error].join(',');
}
