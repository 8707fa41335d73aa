/** How much ratios of two cells differed from block to block in runs that were made before. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellOfAxes, rowValuesOf } from '../experiment/axis_rows.js';
import { namesIn } from '../run_folder/files.js';
import { type Manifest, SCHEMA_VERSION } from '../run_folder/manifest.js';
import { readText } from '../run_folder/store.js';
import { type Estimate, reachOf } from '../stats/estimate.js';
import type { CellComparison } from './comparisons.js';
import { type CellSummary, cellFieldsOf } from './summary.js';

/** A standard deviation of logarithms of ratios, pooled over runs. */
export interface EarlierSpread {
  readonly spread: number;
  readonly runs: number;
}

interface Known {
  readonly spread: number;
  readonly degreesOfFreedom: number;
}

/** What the runs in some folders say, by the two cells that a ratio is of. */
export class EarlierSpreads {
  private readonly known = new Map<string, Known[]>();

  /** Reads the comparisons and contrasts of every run in `folders`; what is no run is left out. */
  constructor(folders: readonly string[]) {
    for (const run of folders.flatMap(runsIn)) this.read(run);
  }

  /**
   * Of the median response times of two cells, measured at the same time (`isDuet`) or one after the
   * other; undefined where no run has both of them so.
   */
  of(cell: CellOfAxes, over: CellOfAxes, isDuet: boolean): EarlierSpread | undefined {
    const found = this.known.get(pairOf(valuesOf(cell), valuesOf(over), isDuet));
    if (found === undefined) return undefined;
    const degrees = found.reduce((sum, { degreesOfFreedom }) => sum + degreesOfFreedom, 0);
    const squares = found.reduce((sum, each) => sum + each.degreesOfFreedom * each.spread ** 2, 0);
    return { spread: Math.sqrt(squares / degrees), runs: found.length };
  }

  private read(run: string): void {
    const cells = readList<CellSummary>(run, 'summary.json');
    const isDuet = manifestOf(run).experiment.duet ?? false;
    const ratios = new Map<string, Known>();
    for (const name of ['comparisons.json', 'contrasts.json']) {
      for (const { cell, over, response_ratio } of readList<CellComparison>(run, name)) {
        const both = [cell, over].map((key) => cells.find((each) => each.cell === key));
        const spread = response_ratio && spreadOf(response_ratio);
        if (both[0] === undefined || both[1] === undefined || spread === undefined) continue;
        ratios.set(pairOf(both[0], both[1], isDuet), spread);
      }
    }
    for (const [pair, spread] of ratios) {
      this.known.set(pair, [...(this.known.get(pair) ?? []), spread]);
    }
  }
}

/** Those of this version that have been analysed. */
function runsIn(folder: string): string[] {
  return namesIn(folder)
    .map((name) => join(folder, name))
    .filter((run) => existsSync(join(run, 'manifest.json')))
    .filter((run) => {
      const { schema_version } = manifestOf(run);
      return schema_version === SCHEMA_VERSION && existsSync(join(run, 'summary.json'));
    });
}

/** Of whatever version. */
function manifestOf(run: string): Manifest {
  return JSON.parse(readText(run, 'manifest.json')) as Manifest;
}

function readList<T>(run: string, name: string): T[] {
  return existsSync(join(run, name)) ? (JSON.parse(readText(run, name)) as T[]) : [];
}

/** The spread from which the interval of a ratio was made. */
function spreadOf({ low, high, launches }: Estimate): Known | undefined {
  if (low === undefined || high === undefined) return undefined;
  const degreesOfFreedom = launches - 1;
  const error = Math.log(high / low) / 2 / reachOf(degreesOfFreedom);
  return { spread: error * Math.sqrt(launches), degreesOfFreedom };
}

function valuesOf(cell: CellOfAxes): object {
  return { system: cell.system.name, ...rowValuesOf(cell) };
}

/** The same whichever of the two is the one over the other. */
function pairOf(cell: object, over: object, isDuet: boolean): string {
  return [...[cell, over].map(identityOf).sort(), isDuet].join();
}

function identityOf(cell: object): string {
  const values = cell as Readonly<Record<string, unknown>>;
  const fields = cellFieldsOf().filter((field) => field !== 'cell');
  return JSON.stringify(fields.map((field) => values[field] ?? null));
}
