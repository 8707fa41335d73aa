/** What a run becomes in PostgreSQL (12 or newer): tables as wide as the files, and views of each worker over time. */

/** Columns of samples, as the files have them: SQL types by name. */
export const SAMPLE_COLUMNS: Readonly<Record<string, string>> = {
  sample: 'bigint',
  stage: 'text',
  client: 'integer',
  start_ms: 'double precision',
  response_ms: 'double precision',
  backlog_ms: 'double precision',
  lateness_ms: 'double precision',
  submit_ms: 'double precision',
  queue_ms: 'double precision',
  dispatch_ms: 'double precision',
  decode_ms: 'double precision',
  compute_ms: 'double precision',
  encode_ms: 'double precision',
  return_ms: 'double precision',
  collect_ms: 'double precision',
  clock_error_ms: 'double precision',
  worker: 'text',
  outcome: 'text',
  error: 'text',
};

const columns = Object.entries(SAMPLE_COLUMNS).map(([name, type]) => `"${name}" ${type}`);

/** May be carried out again: what is there stays. */
export const SCHEMA = `
create schema if not exists enxame;
create table if not exists enxame.runs (
  run_id text primary key,
  experiment text not null,
  manifest jsonb not null,
  environment jsonb not null
);
create table if not exists enxame.trials (
  -- Of the names of run and trial, so that it is the same whoever sends them.
  trial_id bigint primary key,
  run_id text not null references enxame.runs on delete cascade,
  trial text not null,
  system text not null,
  workers integer not null,
  n integer not null,
  valid boolean not null,
  started_at timestamptz not null,
  row jsonb not null,
  unique (run_id, trial)
);
-- Without a foreign key, which would be looked up for every row.
create table if not exists enxame.samples (
  trial_id bigint not null,
  ${columns.join(',\n  ')}
);
create index if not exists samples_of_trial on enxame.samples (trial_id);
-- What the programs told Prometheus when a trial had ended: workers, coordinator, front.
create table if not exists enxame.telemetry (
  trial_id bigint not null,
  metric text not null,
  labels text not null,
  value double precision not null
);
create index if not exists telemetry_of_trial on enxame.telemetry (trial_id);

-- Products of each worker in each second of a trial, and what they took.
create or replace view enxame.worker_throughput as
select run_id, trial, worker, second, products, compute_ms, response_ms
from (
  select trial_id, worker, floor((start_ms + response_ms) / 1000)::integer as second,
    count(*) as products, avg(compute_ms) as compute_ms, avg(response_ms) as response_ms
  from enxame.samples
  where outcome = 'ok' and worker <> ''
  group by trial_id, worker, second
) of_worker join enxame.trials using (trial_id);

-- Whether a worker becomes slower while a trial lasts: the slope of its compute times by least squares, in ms for each second, how much
-- of their spread that explains, and of how many products.
create or replace view enxame.worker_drift as
select run_id, trial, worker, ms_per_s, r2, products
from (
  select trial_id, worker, regr_slope(compute_ms, start_ms / 1000) as ms_per_s,
    regr_r2(compute_ms, start_ms / 1000) as r2, count(*) as products
  from enxame.samples
  where outcome = 'ok' and stage = 'measured' and worker <> ''
  group by trial_id, worker
) of_worker join enxame.trials using (trial_id);

-- Requests that took far longer than others of their trial: beyond the median by more than six times the distance between median and upper
-- quartile (of normal times: 4 standard deviations).
create or replace view enxame.anomalies as
with levels as (
  select trial_id, percentile_cont(0.5) within group (order by response_ms) as median_ms,
    percentile_cont(0.75) within group (order by response_ms) as upper_ms
  from enxame.samples
  where outcome = 'ok' and stage = 'measured'
  group by trial_id
)
select run_id, trial, worker, sample, start_ms, response_ms, median_ms
from enxame.samples join levels using (trial_id) join enxame.trials using (trial_id)
where stage = 'measured' and outcome = 'ok'
  and response_ms > median_ms + 6 * (upper_ms - median_ms);
`;
