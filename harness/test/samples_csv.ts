/** Rows as the load generator writes them. */

export const HEADER =
  'sample,stage,client,start_ms,response_ms,backlog_ms,lateness_ms,submit_ms,queue_ms,transport_ms,decode_ms,compute_ms,encode_ms,collect_ms,closure_ms,worker,outcome,error';

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
  const phases = [0.1, 0.2, 0.3, 0.4, responseMs / 2, 0.6, 0.7];
  const times = [startMs, responseMs, 0, 0, ...phases, responseMs / 10];
  return [sample, stage, 0, ...times, worker, outcome, error].join(',');
}
