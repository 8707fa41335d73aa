import { SYSTEM_FIELDS } from '../experiment/systems.js';
import { readLaunch } from '../run_folder/launches.js';
import { SCHEMA_VERSION } from '../run_folder/manifest.js';
import type { TrialResults, TrialRow } from '../run_folder/rows.js';
import { contrast, ratioOf } from '../stats/contrast.js';
import { type Estimate, estimateMeasure, estimateOverLaunches } from '../stats/estimate.js';
import { type Launch, MEASURES, type Measure, measureOf } from '../stats/launch.js';
import { type Spread, spreadOf } from '../stats/sampling.js';
import { splitVariance, type VarianceSplit } from '../stats/variance.js';

/** The fields of a trial's row that make its cell. */
export const CELL_FIELDS = [
  'cell',
  'system',
  ...SYSTEM_FIELDS,
  'workers',
  'n',
  'values',
  'split',
  'service_ms',
  'in_flight',
  'rate_per_s',
  'browser_flags',
  'browsers',
  'attached',
] as const;

/** What all launches of one cell say together; results/README.md says what each field means. */
export interface CellSummary extends Pick<TrialRow, (typeof CELL_FIELDS)[number]> {
  /** More workers than cores that compute: they take turns, so they cannot all gain speed. */
  readonly time_slicing: boolean;
  /** The browser was given flags that no user's browser has. */
  readonly non_default_browser: boolean;
  /** Valid launches. */
  readonly launches: number;
  /** Launches that do not count. */
  readonly invalid: number;
  /** Measured samples of all valid ones. */
  readonly samples: number;
  /** The fewest samples of one of them: what its percentiles rest on. */
  readonly fewest_samples: number;
  readonly throughput_per_s: Estimate;
  readonly median_response_ms: Estimate;
  readonly p95_response_ms: Estimate;
  readonly first_response_ms: Estimate;
  readonly compute_share: Estimate;
  readonly closure_share: Estimate;
  /** Since schema version 3. */
  readonly p99_closure_share?: Estimate;
  /**
   * Throughput over that of one worker of the same cell in the same launch; absent when one worker
   * was not measured.
   */
  readonly speed_up?: Estimate;
  /** Where the variance of single response times comes from, in ms². */
  readonly variance_ms2: VarianceSplit;
  /**
   * Where the difference between the medians of launches comes from; absent with fewer than two.
   */
  readonly median_spread?: Spread;
}

/** A trial that counts, with what it says to statistics. */
export interface LaunchOfCell {
  readonly row: TrialRow;
  readonly results: TrialResults;
  readonly launch: Launch;
}

/** The valid trials of a run, with their response times. */
export function readLaunches(folder: string, rows: readonly TrialRow[]): LaunchOfCell[] {
  return rows.flatMap((row) => {
    const launch = readLaunch(folder, row);
    if (launch === undefined || row.results === undefined) return [];
    return [{ row, results: row.results, launch }];
  });
}

/**
 * The cells that have a valid trial, in the order of `cells`; `invalid` counts the trials of each that
 * do not count.
 */
export function summarise(
  valid: readonly LaunchOfCell[],
  all: readonly TrialRow[],
  cells: readonly { readonly key: string }[],
  cores: number,
): CellSummary[] {
  const invalid = all.filter((row) => !row.valid && row.verdict !== 'interrupted');
  return cells.flatMap(({ key }) => {
    const own = valid.filter(({ row }) => row.cell === key);
    const bad = invalid.filter((row) => row.cell === key).length;
    return own.length === 0 ? [] : [summariseCell(own, valid, bad, cores)];
  });
}

function summariseCell(
  own: readonly LaunchOfCell[],
  all: readonly LaunchOfCell[],
  invalid: number,
  cores: number,
): CellSummary {
  const { row } = own[0] as LaunchOfCell;
  const launches = own.map(({ launch }) => launch);
  const over = (value: (results: TrialResults) => number) =>
    estimateOverLaunches(own.map(({ results }) => value(results)));
  const counts = own.map(({ results }) => results.samples);
  const speedUp = speedUpOf(own, all);
  const spread = spreadOf(launches, 'median_response_ms');
  return {
    ...(Object.fromEntries(CELL_FIELDS.map((field) => [field, row[field]])) as Pick<
      TrialRow,
      (typeof CELL_FIELDS)[number]
    >),
    time_slicing: row.workers > cores && row.service_ms === 0,
    non_default_browser: row.browser_flags !== 'none',
    launches: own.length,
    invalid,
    samples: counts.reduce((sum, count) => sum + count, 0),
    fewest_samples: Math.min(...counts),
    throughput_per_s: estimateMeasure(launches, 'throughput_per_s'),
    median_response_ms: estimateMeasure(launches, 'median_response_ms'),
    p95_response_ms: estimateMeasure(launches, 'p95_response_ms'),
    first_response_ms: over((results) => results.first_response_ms),
    compute_share: over((results) => results.compute_share),
    closure_share: over((results) => results.median_closure_share),
    p99_closure_share: over((results) => results.p99_closure_share),
    ...(speedUp !== undefined && { speed_up: speedUp }),
    variance_ms2: splitVariance(launches),
    ...(spread !== undefined && { median_spread: spread }),
  };
}

/** Paired within a block, so that a slow hour of the machine is in both and cancels. */
function speedUpOf(
  own: readonly LaunchOfCell[],
  all: readonly LaunchOfCell[],
): Estimate | undefined {
  const { row } = own[0] as LaunchOfCell;
  const alone = {
    ...row,
    workers: 1,
    in_flight: row.in_flight === row.workers ? 1 : row.in_flight,
  };
  const fields = CELL_FIELDS.filter((field) => field !== 'cell');
  const single = all.filter(({ row: other }) =>
    fields.every((field) => other[field] === alone[field]),
  );
  return pairedRatio(
    single.map(({ launch }) => launch),
    own.map(({ launch }) => launch),
    'throughput_per_s',
  );
}

/**
 * `after` over `before`, paired by block; without an interval when there is a single pair. undefined
 * where there is none, or a launch does not carry the measure.
 */
export function pairedRatio(
  before: readonly Launch[],
  after: readonly Launch[],
  measure: Measure,
): Estimate | undefined {
  const found = contrast(before, after, measure, 'paired');
  if (found !== undefined) return ratioOf(found);
  const pairs = after.flatMap((launch) => {
    const other = before.find(({ block }) => block === launch.block);
    return other === undefined ? [] : [[other, launch] as const];
  });
  const [pair] = pairs;
  if (pair === undefined || pairs.length > 1) return undefined;
  const [b, a] = pair.map((launch) => measureOf(launch, measure) ?? Number.NaN) as [number, number];
  return Number.isFinite(a / b) ? { value: a / b, method: 'none', launches: 1 } : undefined;
}

const ESTIMATES = [
  ...MEASURES,
  'first_response_ms',
  'compute_share',
  'closure_share',
  'p99_closure_share',
  'speed_up',
] as const;
const COUNTS = [
  'time_slicing',
  'non_default_browser',
  'launches',
  'invalid',
  'samples',
  'fewest_samples',
] as const;
const SINCE_VERSION_3: readonly string[] = [
  'collection',
  'connections',
  'values',
  'split',
  'service_ms',
  'browser_flags',
  'non_default_browser',
  'p99_closure_share',
];

function isIn(version: number, name: string): boolean {
  return version >= 3 || !SINCE_VERSION_3.includes(name);
}

/** What of the cells a summary of a schema version holds. */
export function summaryIn(version: number, cells: readonly CellSummary[]): Partial<CellSummary>[] {
  return cells.map((cell) =>
    Object.fromEntries(Object.entries(cell).filter(([name]) => isIn(version, name))),
  );
}

/**
 * summary.csv: a row per cell, each estimate in three columns: its value and the bounds of its
 * interval, empty when there is none.
 */
export function summaryCsv(cells: readonly CellSummary[], version = SCHEMA_VERSION): string {
  const names = ESTIMATES.filter((name) => isIn(version, name));
  const plain = [...CELL_FIELDS, ...COUNTS].filter((name) => isIn(version, name));
  const columns = names.flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  const header = [...plain, ...columns];
  const lines = cells.map((cell) => {
    const estimates = names.flatMap((name) => {
      const estimate = cell[name];
      return [numberOf(estimate?.value), numberOf(estimate?.low), numberOf(estimate?.high)];
    });
    const fields = plain.map((name) => cell[name] ?? '');
    return [...fields, ...estimates].join(',');
  });
  return `${[header.join(','), ...lines].join('\n')}\n`;
}

/** null is what a file has in the place of NaN. */
function numberOf(value: number | null | undefined): number | '' {
  return value === undefined || value === null || Number.isNaN(value) ? '' : value;
}
