import {
  type CheckedRatio,
  type CheckedRun,
  type CheckVerdict,
  check,
} from '../../analysis/check.js';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { UsageError } from '../../base/errors.js';
import { times, UNKNOWN } from '../../report/numbers.js';
import type { CheckRequest } from '../request.js';
import { type RunToCompare, readRun } from './read_run.js';

/** Says whether a run bears out the orders and ratios of a reference run, which may be of another machine. */
export function checkRun({ run, against, factor, json }: CheckRequest): number {
  const found = readRun(run);
  const reference = readRun(against);
  const ratios = check(toChecked(reference), toChecked(found), factor);
  const counted = ratios.filter(({ verdict }) => verdict !== 'left out');
  if (counted.length === 0) {
    throw new UsageError(
      `${run} has no two cells in common with ${against}, so nothing can be checked; measure the same experiment: ./run-experiment ${reference.experiment.name}`,
    );
  }
  const count = (verdict: CheckVerdict) => ratios.filter((each) => each.verdict === verdict).length;
  const counts = { passed: count('pass'), failed: count('fail'), unsure: count('unsure') };
  if (json) {
    printJson({ run: found.path, against: reference.path, factor, ...counts, ratios });
  } else {
    print(render(ratios));
    print(conclude(counts, ratios.length, factor));
  }
  if (counts.failed > 0) return EXIT.error;
  return counts.unsure > 0 ? EXIT.noisy : EXIT.ok;
}

function toChecked({ experiment, environment, launches }: RunToCompare): CheckedRun {
  return { experiment, cores: environment.cores, launches };
}

/** A row for each ratio that the run has. */
function render(ratios: readonly CheckedRatio[]): string {
  const there = ratios.filter(({ found }) => found !== undefined);
  const rows = there.map(({ cell, over, measure, reference, found, verdict, because }) => [
    `${cell} over ${over}`,
    measure,
    verdict,
    because === '' ? UNKNOWN : because,
    times(reference),
    found === undefined ? UNKNOWN : times(found),
  ]);
  const header = ['cells', 'measure', 'verdict', 'because', 'reference [95 %]', 'this run [95 %]'];
  return alignColumns([header, ...rows], 4).join('\n');
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly unsure: number;
}

function conclude({ passed, failed, unsure }: Counts, all: number, factor: number): string {
  const checked = passed + failed + unsure;
  const left = all - checked;
  return [
    `\nWhere the reference tells two cells apart, the same one has to be slower, and each ratio has to be within a factor of ${factor}; where an interval leaves a failure open, it is unsure.`,
    ...(left > 0 ? [`Of its ${all} ratios, ${left} have no counterpart in this run.`] : []),
    ...(unsure > 0 ? ['More launches make intervals narrower, and decide what is unsure.'] : []),
    `${failed > 0 ? 'FAIL' : unsure > 0 ? 'UNSURE' : 'PASS'}: of ${checked} ratios ${passed} pass, ${failed} fail, ${unsure} are unsure`,
  ].join('\n');
}
