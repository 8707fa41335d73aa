/**
 * Stands in for the load generator: takes its arguments, says its events and writes made-up
 * samples, of which W / 10 ms end in each second. ENXAME_FAKE makes it behave badly: `load:wrong`,
 * `load:error`, `load:crash`, `load:hang`, `load:babble`; `load:wait` measures until it is told to end,
 * `load:stopped` did not run for a while. `load:wrong@tcp` does so over that transport only.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { csvRow, HEADER } from '../samples_csv.js';

const option = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    transport: option,
    workers: option,
    n: option,
    values: option,
    split: option,
    'in-flight': option,
    duration: option,
    'max-samples': option,
    'max-errors': option,
    jitter: option,
    'warm-up': option,
    'warm-up-limit': option,
    'warm-up-span': option,
    rate: option,
    arrivals: option,
    'rate-schedule': option,
    seed: option,
    samples: option,
    'rpc-workers': option,
    coordinator: option,
    server: option,
    codec: option,
    collection: option,
    connections: option,
    kernel: option,
  },
});
const [asked = '', onlyOver = values.transport] = (process.env['ENXAME_FAKE'] ?? '').split('@');
const behaviour = onlyOver === values.transport ? asked : '';
const say = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
const duration = Number(values.duration);
const workers = Number(values.workers);
const WARM_UP_MS = 50;
const count = Math.round((duration / 0.01) * workers);

const rows = Array.from({ length: count + 5 }, (_, i) => {
  const stage = i < 5 ? 'warm-up' : 'measured';
  const bad = i === 7 && (behaviour === 'load:wrong' || behaviour === 'load:error');
  const outcome = bad ? behaviour.slice('load:'.length) : 'ok';
  const error = bad ? '"bad, very bad"' : '';
  const worker = `w${(i % workers) + 1}`;
  // Of each worker one after the other.
  const startMs = stage === 'warm-up' ? i : WARM_UP_MS + 10 * Math.floor((i - 5) / workers);
  return csvRow({ sample: i, startMs, worker, stage, responseMs: 10, outcome, error });
});

if (behaviour === 'load:hang') process.on('SIGTERM', () => undefined);
say({ event: 'warm-up', elapsed_s: 0.01, samples: 5, steady_workers: 0 });
if (behaviour === 'load:hang') {
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}
if (behaviour.startsWith('load:wait')) {
  for (let samples = 1; ; samples++) {
    const elapsed_s = samples * 0.05;
    const rates = { throughput_per_s: 20, mean_response_ms: 10 };
    // The requests of `load:wait-for-ever` never end.
    const seen = behaviour === 'load:wait-for-ever' ? 7 : samples;
    say({
      event: 'progress',
      elapsed_s: Math.min(elapsed_s, duration / 2),
      samples: seen,
      ...rates,
    });
    await sleep(50);
  }
}
if (behaviour === 'load:crash') {
  process.stderr.write('cannot reach 127.0.0.1:1\n');
  process.exit(1);
}
if (behaviour === 'load:babble') process.stdout.write('hello\n');
say({ event: 'window-start', opens_monotonic_s: 100, closes_monotonic_s: 100 + duration });
await sleep(duration * 1000);
say({
  event: 'progress',
  elapsed_s: duration,
  samples: count,
  throughput_per_s: count / duration,
  mean_response_ms: 10,
});
say({ event: 'window-end', elapsed_s: duration, samples: count });
writeFileSync(values.samples ?? '', `${[HEADER, ...rows].join('\n')}\n`);
say({
  event: 'done',
  samples: count,
  wrong: behaviour === 'load:wrong' ? 1 : 0,
  errors: behaviour === 'load:error' ? 1 : 0,
  measured_s: duration,
  warm_up_samples: 5,
  warm_up_s: WARM_UP_MS / 1000,
  steady: true,
  stopped_ms: behaviour === 'load:stopped' ? 4000 : 0,
  longest_stop_ms: behaviour === 'load:stopped' ? 4000 : 0,
  starved_ms: 0,
  suspended_ms: 0,
  cpu_s: 0.01,
  migrations: 3,
  clock_probe_ms: { before: 9, after: 9 },
  lateness_ms: null,
});
