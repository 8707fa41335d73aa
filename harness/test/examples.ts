/** Values for tests: systems, an experiment, rows, an environment. */

import { type CellSummary, type LaunchOfCell, summarise } from '../src/analysis/summary.js';
import { AXES, defaultAxes } from '../src/experiment/axes.js';
import { defaultOf } from '../src/experiment/axis.js';
import type { RowValues } from '../src/experiment/axis_rows.js';
import type { Experiment } from '../src/experiment/experiment.js';
import type { System } from '../src/experiment/systems.js';
import type { LoadResult } from '../src/measure/load_events.js';
import type { Environment } from '../src/run_folder/environment.js';
import type { TrialResults, TrialRow } from '../src/run_folder/rows.js';
import { ofCounts } from '../src/stats/response_times.js';

export const SYSTEMS: readonly System[] = [
  {
    name: 'local',
    engine: 'native',
    transport: 'inproc',
    codec: 'none',
    kernel: 'simd',
    dispatch: 'push',
  },
  {
    name: 'rpc-tcp',
    engine: 'native',
    transport: 'tcp',
    codec: 'binary',
    kernel: 'simd',
    dispatch: 'push',
  },
  {
    name: 'rest-wasm',
    engine: 'browser',
    transport: 'rest',
    codec: 'json',
    kernel: 'simd',
    dispatch: 'long-poll',
  },
];

export const EXPERIMENT: Experiment = {
  name: 'example',
  question: 'How does an experiment look?',
  systems: SYSTEMS,
  over: 'local',
  answer: 'cost',
  axes: { ...defaultAxes(), workers: [1, 2, 4, 8], n: [64] },
  most_workers: {},
  load: { kind: 'closed', submit: 'at-once' },
  repetition: { launches: 3, duration_s: 2, samples: null, warm_up_s: 1, warm_up_limit_s: 10 },
  seed: 1,
  stop: null,
  validity: {
    steal_share: 1,
    other_load_share: 1,
    unaccounted_share: 1,
    failed_share: 0,
    wrong: 0,
  },
};

/** The experiment with two of its systems, local and rpc-tcp, one worker and so many launches. */
export function twoSystems(launches: number): Experiment {
  return {
    ...EXPERIMENT,
    systems: SYSTEMS.slice(0, 2),
    axes: { ...EXPERIMENT.axes, workers: [1] },
    repetition: { ...EXPERIMENT.repetition, launches },
  };
}

export const ENVIRONMENT: Environment = {
  cores: 2,
  cpu: 'a CPU',
  memory_bytes: 2 ** 30,
  cgroup: { cpus: null, memory_bytes: null },
  os: 'Debian',
  kernel: '6.1',
  virtual_machine: false,
  machine: null,
  governor: 'performance',
  turbo: false,
  load_average: 0.1,
  versions: {
    node: 'v20',
    playwright: '1.0',
    browser: null,
    compiler: 'g++',
    emscripten: null,
    openblas: null,
    poco: null,
    nlohmann_json: null,
    grpc: null,
    protobuf: null,
    python: null,
    matplotlib: null,
    numpy: null,
    pandas: null,
    scipy: null,
  },
  build_flags: '-O3',
  wasm_sha256: {},
  programs_sha256: {},
  browser_command_line: null,
  git: { commit: '1234567890', dirty: false },
};

/** The last word of a load generator that nothing disturbed. */
export const DONE: LoadResult = {
  event: 'done',
  samples: 9,
  wrong: 0,
  errors: 0,
  measured_s: 1,
  warm_up_samples: 1,
  warm_up_s: 1,
  steady: true,
  stopped_ms: 0,
  longest_stop_ms: 0,
  starved_ms: 0,
  suspended_ms: 0,
  cpu_s: 0.01,
  migrations: 3,
  clock_probe_ms: { before: 9, after: 9 },
  lateness_ms: null,
};

export const RESULTS: TrialResults = {
  samples: 500,
  effective_samples: 500,
  wrong: 0,
  errors: 0,
  unfinished: 0,
  steady: true,
  warm_up_s: 0.5,
  warm_up_samples: 20,
  measured_s: 2,
  throughput_per_s: 250,
  median_response_ms: 4,
  p95_response_ms: 6,
  mean_response_ms: 4.2,
  first_response_ms: 9,
  compute_share: 0.5,
  mean_phases_ms: {
    lateness: 0,
    backlog: 0,
    submit: 0,
    queue: 0,
    dispatch: 1,
    decode: 0,
    compute: 2,
    encode: 0,
    return: 1,
    collect: 0,
  },
  mean_clock_error_ms: 0.05,
  median_unaccounted_share: 0,
  p99_unaccounted_share: 0.01,
  workers: [{ worker: 'w1', samples: 500, mean_ms: 4.2, variance_ms2: 1 }],
  level_shift: null,
  machine_busy_share: 0.9,
  machine_steal_share: 0,
  machine_other_share: 0,
  machine_throttled_share: null,
  stopped_ms: 0,
  starved_ms: 0,
  suspended_ms: 0,
  lateness_ms: null,
  unobserved: [],
  pressure: null,
  cpu_s: { workers: 1.9 },
  observed_s: 2.6,
  jitter_s: 0,
  attached_pages: null,
};

/** A valid row; `results` says what its trial measured unlike the others. */
export function makeRow(row: Partial<TrialRow>, results: Partial<TrialResults> = {}): TrialRow {
  const { system = 'local', workers = 1, launch = 1 } = row;
  const defaults = AXES.map((axis) => [axis.name, defaultOf(axis)]);
  return {
    ...(Object.fromEntries(defaults) as RowValues),
    trial: `001-${system}-w${workers}-l${launch}`,
    cell: `${system} w${workers}`,
    planned_index: 0,
    actual_index: 0,
    attempt: 1,
    system,
    engine: 'native',
    transport: 'inproc',
    codec: 'none',
    kernel: 'simd',
    dispatch: 'push',
    workers,
    n: 64,
    in_flight: workers,
    browser_arguments: null,
    launch,
    started_at: '2025-01-01T00:00:00.000Z',
    ended_at: '2025-01-01T00:00:03.000Z',
    took_s: 3,
    clock_jump_s: 0,
    suspended_s: 0,
    valid: true,
    verdict: 'valid',
    invalid_because: '',
    load_average_before: 0.1,
    endings: { 'load-generator': 0 },
    files: [],
    results: { ...RESULTS, effective_samples: results.samples ?? RESULTS.samples, ...results },
    ...row,
  };
}

/** What a valid row says to statistics, with response times that have its median. */
export function launchOf(row: TrialRow): LaunchOfCell {
  const { results = RESULTS } = row;
  const { samples, median_response_ms: median, p95_response_ms: p95 } = results;
  const slow = Math.ceil(samples * 0.05) + 1;
  return {
    row,
    results,
    launch: {
      block: row.launch,
      responses: ofCounts([
        { value: median, count: samples - slow },
        { value: p95, count: slow },
      ]),
      effective_samples: results.effective_samples,
      mean_response_ms: results.mean_response_ms,
      throughput_per_s: results.throughput_per_s,
      workers: [],
    },
  };
}

/** The summary of such rows; cells in the order in which they first come. */
export function summaryOf(rows: readonly TrialRow[], cores = 2): CellSummary[] {
  const keys = [...new Set(rows.map((row) => row.cell))];
  const valid = rows.filter((row) => row.valid).map(launchOf);
  return summarise(
    valid,
    rows,
    keys.map((key) => ({ key })),
    cores,
  );
}
