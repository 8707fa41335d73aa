import { cellsOf } from '../experiment/cells.js';
import type { Manifest } from '../run_folder/manifest.js';
import type { DerivedFiles } from '../run_folder/run_folder.js';
import { type CellComparison, compareCells } from './comparisons.js';
import { type CellContrast, contrastCells } from './contrasts.js';
import type { Evidence } from './evidence.js';
import { type CellSummary, readLaunches, summarise, summaryCsv, summaryIn } from './summary.js';
import { findWarnings, type Warning } from './warnings.js';

/** All that follows from the trials of a run; made here once, and only shown elsewhere. */
export interface Analysis {
  readonly cells: readonly CellSummary[];
  readonly warnings: readonly Warning[];
  readonly comparisons: readonly CellComparison[];
  readonly contrasts: readonly CellContrast[];
}

export function analyse(evidence: Evidence): Analysis {
  const { path, experiment, environment, rows } = evidence;
  const valid = readLaunches(path, rows);
  const cells = summarise(valid, rows, cellsOf(experiment), environment.cores);
  return {
    cells,
    warnings: findWarnings(evidence, cells),
    comparisons: compareCells(experiment, valid),
    contrasts: contrastCells(experiment, valid),
  };
}

/** The files of a run that say what it was found to be; results/README.md describes them. */
export function filesOf(manifest: Manifest, analysis: Analysis): DerivedFiles {
  return {
    'summary.json': toJson(summaryIn(manifest, analysis.cells)),
    'summary.csv': summaryCsv(manifest, analysis.cells),
    ...judgementsOf(analysis),
  };
}

/** Of those, the ones that runs of before there were any do not have. */
export type Judgements = Omit<DerivedFiles, 'summary.json' | 'summary.csv'>;

export function judgementsOf({ warnings, comparisons, contrasts }: Analysis): Judgements {
  return {
    'warnings.json': toJson(warnings),
    'comparisons.json': toJson(comparisons),
    'contrasts.json': toJson(contrasts),
  };
}

/** NaN becomes null. */
function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
