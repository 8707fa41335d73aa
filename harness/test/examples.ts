/** Values for tests: systems, an experiment, rows, an environment. */

import type { Experiment } from '../src/experiment/experiment.js';
import type { System } from '../src/experiment/systems.js';
import type { Environment } from '../src/folder/environment.js';
import type { TrialResults, TrialRow } from '../src/folder/rows.js';

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
  systems: SYSTEMS,
  workers: [1, 2, 4, 8],
  n: 64,
  in_flight: null,
  duration_s: 2,
  launches: 3,
  seed: 1,
  browsers: 'shared',
  attached: false,
};

export const ENVIRONMENT: Environment = {
  cores: 2,
  cpu: 'a CPU',
  memory_bytes: 2 ** 30,
  os: 'Debian',
  kernel: '6.1',
  virtual_machine: false,
  governor: 'performance',
  turbo: false,
  load_average: 0.1,
  versions: { node: 'v20', compiler: 'g++', emscripten: null, browser: null, openblas: null },
  build_flags: '-O3',
  wasm_sha256: {},
  browser_command_line: null,
};

export const RESULTS: TrialResults = {
  samples: 500,
  wrong: 0,
  errors: 0,
  steady: true,
  warm_up_s: 0.5,
  warm_up_samples: 20,
  measured_s: 2,
  throughput_per_s: 250,
  median_response_ms: 4,
  p95_response_ms: 6,
  mean_response_ms: 4.2,
  compute_share: 0.5,
  mean_phases_ms: {
    submit: 0,
    queue: 0,
    transport: 2,
    decode: 0,
    compute: 2,
    encode: 0,
    collect: 0,
  },
  median_closure_share: 0,
  machine_busy_share: 0.9,
  machine_steal_share: 0,
  cpu_s: { workers: 1.9 },
  attached_pages: null,
};

/** A valid row; `results` says what its trial measured unlike the others. */
export function makeRow(row: Partial<TrialRow>, results: Partial<TrialResults> = {}): TrialRow {
  return {
    trial: '001-local-w1-l1',
    planned_index: 0,
    actual_index: 0,
    system: 'local',
    workers: 1,
    launch: 1,
    started_at: '2025-01-01T00:00:00.000Z',
    ended_at: '2025-01-01T00:00:03.000Z',
    valid: true,
    invalid_because: '',
    in_flight: 1,
    load_average_before: 0.1,
    endings: { 'load-generator': 0 },
    samples_file: 'samples/001-local-w1-l1.csv',
    results: { ...RESULTS, ...results },
    ...row,
  };
}
