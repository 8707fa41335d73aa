import { AXES } from '../experiment/axes.js';
import { type Axis, systemFirst } from '../experiment/axis.js';
import type { RowValues } from '../experiment/axis_rows.js';
import { processorsOfWorkers } from '../experiment/placement.js';
import { readLaunch } from '../run_folder/launches.js';
import type { Manifest } from '../run_folder/manifest.js';
import type { TrialResults, TrialRow } from '../run_folder/rows.js';
import { type Estimate, estimateMeasure, estimateOverLaunches } from '../stats/estimate.js';
import { type Launch, MEASURES } from '../stats/launch.js';
import { type Spread, spreadOf } from '../stats/sampling.js';
import { splitVariance, type VarianceSplit } from '../stats/variance.js';
import { type CellFaultEffects, faultEffectsOf } from './cell_fault_effects.js';
import { pairedRatio } from './ratios.js';

/** The fields of a trial's row that make its cell. */
export function cellFieldsOf(axes: readonly Axis[] = AXES): string[] {
  return ['cell', 'system', ...systemFirst(axes).map(({ name }) => name)];
}

/** What all launches of one cell say together; results/README.md says what each field means. */
export interface CellSummary extends RowValues {
  readonly cell: string;
  readonly system: string;
  /** More workers compute than have a processor each: they take turns, and cannot all gain speed. */
  readonly oversubscribed: boolean;
  /** The browser was given flags that no user's browser has. */
  readonly non_default_browser: boolean;
  /** Valid launches. */
  readonly launches: number;
  /** Launches that do not count. */
  readonly invalid: number;
  /** Measured samples of all valid ones. */
  readonly samples: number;
  /** The fewest samples of one of them. */
  readonly fewest_samples: number;
  /** The fewest independent samples that those of one of them are worth: what percentiles rest on. */
  readonly fewest_effective_samples: number;
  /** The largest share of the processor time that other programs used in one of them; null: unknown. */
  readonly worst_other_share: number | null;
  readonly throughput_per_s: Estimate;
  readonly median_response_ms: Estimate;
  readonly mean_response_ms: Estimate;
  readonly p95_response_ms: Estimate;
  readonly first_response_ms: Estimate;
  readonly compute_share: Estimate;
  readonly unaccounted_share: Estimate;
  readonly p99_unaccounted_share: Estimate;
  /**
   * Throughput over that of one worker of the same cell in the same launch; absent when one worker
   * was not measured.
   */
  readonly speed_up?: Estimate;
  /** What faults did, over all valid launches; absent where none were injected. */
  readonly fault_effects?: CellFaultEffects;
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
  axes: readonly Axis[] = AXES,
): CellSummary[] {
  const fields = cellFieldsOf(axes);
  const invalid = all.filter((row) => !row.valid && row.verdict !== 'interrupted');
  return cells.flatMap(({ key }) => {
    const own = valid.filter(({ row }) => row.cell === key);
    const bad = invalid.filter((row) => row.cell === key).length;
    return own.length === 0 ? [] : [summariseCell(own, valid, bad, cores, fields)];
  });
}

function summariseCell(
  own: readonly LaunchOfCell[],
  all: readonly LaunchOfCell[],
  invalid: number,
  cores: number,
  fields: string[],
): CellSummary {
  const { row } = own[0] as LaunchOfCell;
  const launches = own.map(({ launch }) => launch);
  const over = (value: (results: TrialResults) => number) =>
    estimateOverLaunches(own.map(({ results }) => value(results)));
  const counts = own.map(({ results }) => results.samples);
  const speedUp = speedUpOf(own, all, fields);
  const spread = spreadOf(launches, 'median_response_ms');
  const faultEffects = faultEffectsOf(own.map(({ results }) => results));
  return {
    ...(pick(row, fields) as Pick<TrialRow, 'cell' | 'system' | keyof RowValues>),
    oversubscribed: isOversubscribed(row, cores),
    non_default_browser: row.browser_flags !== 'none',
    launches: own.length,
    invalid,
    samples: counts.reduce((sum, count) => sum + count, 0),
    fewest_samples: Math.min(...counts),
    fewest_effective_samples: Math.min(...own.map(({ results }) => results.effective_samples)),
    worst_other_share: worstOf(own.map(({ results }) => results.machine_other_share)),
    throughput_per_s: estimateMeasure(launches, 'throughput_per_s'),
    median_response_ms: estimateMeasure(launches, 'median_response_ms'),
    mean_response_ms: estimateMeasure(launches, 'mean_response_ms'),
    p95_response_ms: estimateMeasure(launches, 'p95_response_ms'),
    first_response_ms: over((results) => results.first_response_ms),
    compute_share: over((results) => results.compute_share),
    unaccounted_share: over((results) => results.median_unaccounted_share),
    p99_unaccounted_share: over((results) => results.p99_unaccounted_share),
    ...(speedUp !== undefined && { speed_up: speedUp }),
    ...(faultEffects !== undefined && { fault_effects: faultEffects }),
    variance_ms2: splitVariance(launches),
    ...(spread !== undefined && { median_spread: spread }),
  };
}

/** Whether more workers compute than may use a processor each, on a machine of so many cores. */
export function isOversubscribed(row: TrialRow, cores: number): boolean {
  const { pin, duet, workers, service_ms } = row;
  const processors = processorsOfWorkers(pin, duet?.processors.length ?? cores);
  return workers > processors && service_ms === 0;
}

/** The largest of those that are known: NaN is null in a file. */
function worstOf(shares: readonly (number | null)[]): number | null {
  const known = shares.filter((share) => share !== null && !Number.isNaN(share)) as number[];
  return known.length === 0 ? null : Math.max(...known);
}

/** What makes a cell, but its name, which depends on what else is in its experiment. */
export function identityOf(row: TrialRow, fields = cellFieldsOf()): string {
  const own = pick(
    row,
    fields.filter((field) => field !== 'cell'),
  );
  // Who waits before it submits meets another phase of what polls; in a duet a system has half of the
  // processors, and a neighbour.
  const jitterS = row.results?.jitter_s ?? 0;
  return JSON.stringify([...Object.values(own), jitterS, row.duet !== undefined]);
}

function pick(row: object, fields: readonly string[]): Record<string, unknown> {
  const all = row as Record<string, unknown>;
  return Object.fromEntries(fields.map((field) => [field, all[field]]));
}

/** Paired within a block, so that a slow hour of the machine is in both and cancels. */
function speedUpOf(
  own: readonly LaunchOfCell[],
  all: readonly LaunchOfCell[],
  fields: string[],
): Estimate | undefined {
  const { row } = own[0] as LaunchOfCell;
  const alone = {
    ...row,
    workers: 1,
    in_flight: row.in_flight === row.workers ? 1 : row.in_flight,
  };
  const wanted = identityOf(alone, fields);
  const single = all.filter(({ row: other }) => identityOf(other, fields) === wanted);
  return pairedRatio(
    single.map(({ launch }) => launch),
    own.map(({ launch }) => launch),
    'throughput_per_s',
  );
}

const ESTIMATES = [
  ...MEASURES,
  'first_response_ms',
  'compute_share',
  'unaccounted_share',
  'p99_unaccounted_share',
  'speed_up',
] as const;
const COUNTS = [
  'oversubscribed',
  'non_default_browser',
  'launches',
  'invalid',
  'samples',
  'fewest_samples',
  'fewest_effective_samples',
  'worst_other_share',
] as const;

/** What of the cells summary.json holds: no axes that the run did not know. */
export function summaryIn(
  { axes }: Manifest,
  cells: readonly CellSummary[],
  table: readonly Axis[] = AXES,
): Partial<CellSummary>[] {
  const known = axes.map(({ name }) => name);
  const later = table.map(({ name }) => name).filter((name) => !known.includes(name));
  return cells.map((cell) =>
    Object.fromEntries(Object.entries(cell).filter(([name]) => !later.includes(name))),
  );
}

/**
 * summary.csv: a row per cell, each estimate in three columns: its value and the bounds of its
 * interval, empty when there is none.
 */
export function summaryCsv({ axes }: Manifest, cells: readonly Partial<CellSummary>[]): string {
  const plain = ['cell', 'system', ...axes.map(({ name }) => name), ...COUNTS];
  const columns = ESTIMATES.flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  const header = [...plain, ...columns];
  const lines = cells.map((cell) => {
    const estimates = ESTIMATES.flatMap((name) => {
      const estimate = cell[name];
      return [numberOf(estimate?.value), numberOf(estimate?.low), numberOf(estimate?.high)];
    });
    const fields = Object.values(pick(cell, plain)).map((value) => value ?? '');
    return [...fields, ...estimates].join(',');
  });
  return `${[header.join(','), ...lines].join('\n')}\n`;
}

/** null is what a file has in the place of NaN. */
function numberOf(value: number | null | undefined): number | '' {
  return value === undefined || value === null || Number.isNaN(value) ? '' : value;
}
