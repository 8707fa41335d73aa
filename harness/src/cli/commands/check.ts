import {
  type CheckedRatio,
  type CheckedRun,
  type CheckVerdict,
  check,
} from '../../analysis/check.js';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { UsageError } from '../../base/errors.js';
import type { Experiment } from '../../experiment/experiment.js';
import { times, UNKNOWN } from '../../report/numbers.js';
import type { CheckRequest } from '../request.js';
import { type RunToCompare, readRun } from './read_run.js';

/** Says whether a run bears out the orders and ratios of a reference run, which may be of another machine. */
export function checkRun(request: CheckRequest): number {
  const { run, against, factor, json } = request;
  const found = readRun(run);
  const reference = readRun(against);
  const ratios = check(toChecked(reference), toChecked(found), factor);
  const counts = countsOf(ratios);
  if (ratios.every(({ verdict }) => verdict === 'left out')) {
    throw new UsageError(whyNothing(request, counts, reference.experiment));
  }
  if (json) {
    printJson({ run: found.path, against: reference.path, factor, ...counts, ratios });
  } else {
    print(render(ratios));
    print(conclude(counts, factor));
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

/** Of the ratios of the reference. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly unsure: number;
  /** Which the run does not have. */
  readonly no_counterpart: number;
  /** Left out because workers take turns on one of the machines alone. */
  readonly oversubscribed: number;
}

function countsOf(ratios: readonly CheckedRatio[]): Counts {
  const count = (verdict: CheckVerdict) => ratios.filter((each) => each.verdict === verdict).length;
  const missing = ratios.filter(({ found }) => found === undefined).length;
  return {
    passed: count('pass'),
    failed: count('fail'),
    unsure: count('unsure'),
    no_counterpart: missing,
    oversubscribed: count('left out') - missing,
  };
}

function whyNothing(
  { run, against }: CheckRequest,
  { no_counterpart, oversubscribed }: Counts,
  { name, duet }: Experiment,
): string {
  if (oversubscribed > 0) {
    return `nothing can be checked: every ratio that ${run} has in common with ${against} is of cells with more workers than processors on one of the two machines alone; measure fewer workers: ./run-experiment ${name} --workers 1`;
  }
  if (no_counterpart === 0) {
    return `${against} has no ratio of response times, so nothing can be checked; expected a run in which cells are compared`;
  }
  return `${run} has no two cells in common with ${against}, so nothing can be checked; measure the same experiment: ./run-experiment ${name}${duet ? ' --duet' : ''}`;
}

function conclude(counts: Counts, factor: number): string {
  const { passed, failed, unsure, no_counterpart, oversubscribed } = counts;
  const checked = passed + failed + unsure;
  const all = checked + no_counterpart + oversubscribed;
  return [
    `\nWhere the reference tells two cells apart, the same one has to be slower, and each ratio has to be within a factor of ${factor}; where an interval leaves a failure open, it is unsure.`,
    ...(no_counterpart > 0
      ? [`Of its ${all} ratios, ${no_counterpart} have no counterpart in this run.`]
      : []),
    ...(oversubscribed > 0
      ? [
          `Of its ${all} ratios, ${oversubscribed} are left out: more workers than processors on one of the machines alone.`,
        ]
      : []),
    ...(unsure > 0 ? ['More launches make intervals narrower, and decide what is unsure.'] : []),
    `${failed > 0 ? 'FAIL' : unsure > 0 ? 'UNSURE' : 'PASS'}: of ${checked} ratios ${passed} pass, ${failed} fail, ${unsure} are unsure`,
  ].join('\n');
}
