import type { TrialResults, TrialRow } from '../folder/rows.js';
import { type Estimate, estimateOverLaunches } from '../stats.js';

/** What all launches of one cell say together. */
export interface Cell {
  readonly system: string;
  readonly workers: number;
  /** More workers than cores: they take turns, so they cannot all gain speed. */
  readonly time_slicing: boolean;
  /** Valid launches. */
  readonly launches: number;
  /** Measured samples of all of them. */
  readonly samples: number;
  /** The fewest samples of one of them: what its percentiles rest on. */
  readonly fewest_samples: number;
  readonly throughput_per_s: Estimate;
  readonly median_response_ms: Estimate;
  readonly p95_response_ms: Estimate;
  readonly compute_share: Estimate;
  /**
   * Throughput over that of one worker of the same system in the same launch; absent when one
   * worker was not measured.
   */
  readonly speed_up?: Estimate;
}

/**
 * The cells that have a valid trial, systems in the order of their first trial in the plan's names,
 * workers ascending.
 */
export function summarise(
  rows: readonly TrialRow[],
  systems: readonly string[],
  cores: number,
): Cell[] {
  return systems.flatMap((system) => {
    const ofSystem = rows.filter((row) => row.valid && row.system === system);
    const counts = [...new Set(ofSystem.map((row) => row.workers))].sort((a, b) => a - b);
    return counts.map((workers) => summariseCell(system, workers, ofSystem, cores));
  });
}

function summariseCell(
  system: string,
  workers: number,
  ofSystem: readonly TrialRow[],
  cores: number,
): Cell {
  const rows = ofSystem.filter((row) => row.workers === workers);
  const results = rows.flatMap((row) => row.results ?? []);
  const over = (value: (result: TrialResults) => number) =>
    estimateOverLaunches(results.map(value));
  const speedUps = rows.flatMap((row) => speedUpOf(row, ofSystem) ?? []);
  return {
    system,
    workers,
    time_slicing: workers > cores,
    launches: results.length,
    samples: results.reduce((sum, result) => sum + result.samples, 0),
    fewest_samples: Math.min(...results.map((result) => result.samples)),
    throughput_per_s: over((result) => result.throughput_per_s),
    median_response_ms: over((result) => result.median_response_ms),
    p95_response_ms: over((result) => result.p95_response_ms),
    compute_share: over((result) => result.compute_share),
    ...(speedUps.length > 0 && { speed_up: estimateOverLaunches(speedUps) }),
  };
}

/** Paired within a launch, so that a slow hour of the machine is in both and cancels. */
function speedUpOf(row: TrialRow, ofSystem: readonly TrialRow[]): number | undefined {
  const single = ofSystem.find((other) => other.workers === 1 && other.launch === row.launch);
  if (row.results === undefined || single?.results === undefined) return undefined;
  return row.results.throughput_per_s / single.results.throughput_per_s;
}

const ESTIMATES = [
  'throughput_per_s',
  'median_response_ms',
  'p95_response_ms',
  'compute_share',
  'speed_up',
] as const;

/**
 * summary.csv: a row per cell, each estimate in three columns: its value and the bounds of its
 * interval, empty when there is none.
 */
export function summaryCsv(cells: readonly Cell[]): string {
  const columns = ESTIMATES.flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  const header = [
    'system',
    'workers',
    'time_slicing',
    'launches',
    'samples',
    'fewest_samples',
    ...columns,
  ];
  const lines = cells.map((cell) => {
    const { system, workers, time_slicing, launches, samples, fewest_samples } = cell;
    const estimates = ESTIMATES.flatMap((name) => {
      const estimate = cell[name];
      return [estimate?.value ?? '', estimate?.low ?? '', estimate?.high ?? ''];
    });
    return [system, workers, time_slicing, launches, samples, fewest_samples, ...estimates].join(
      ',',
    );
  });
  return `${[header.join(','), ...lines].join('\n')}\n`;
}
