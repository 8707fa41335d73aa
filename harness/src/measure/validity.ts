import type { Experiment } from '../experiment/experiment.js';
import type { Measured } from './trial.js';

/**
 * What a trial's end says of it: it counts; the machine was too busy with other things; something of
 * the trial itself went wrong; it was ended from outside, and so says nothing about the system.
 */
export type Verdict = 'valid' | 'noisy' | 'failed' | 'interrupted';

/** Why a trial does not count: a sentence with the value and the limit. */
export interface Problem {
  readonly verdict: Exclude<Verdict, 'valid'>;
  readonly because: string;
}

/**
 * What no phase can explain of a request, however short: the time in which clocks are read. A tenth
 * of it is typical.
 */
const READING_CLOCKS_MS = 1e-3;

/**
 * What is wrong with a trial that reached its end; nothing when it counts. `attached`: whether
 * something was meant to be attached to the worker pages.
 */
export function judge(
  { measurement, machine, attachedPages }: Measured,
  attached: boolean,
  limits: Experiment['validity'],
): Problem[] {
  const failures: string[] = [];
  const { wrong, errors, samples, firstError } = measurement;
  if (wrong > limits.wrong) {
    failures.push(`${wrong} wrong products (first: ${firstError || 'no details'})`);
  } else if (errors > 0) {
    failures.push(`${errors} failed requests (first: ${firstError})`);
  }
  if (samples === 0) failures.push('no request ended well in the measured time');
  if (attachedPages !== undefined && attachedPages > 0 && !attached) {
    failures.push(`${attachedPages} worker pages had a debugger attached while they were measured`);
  }
  const { medianClosureShare, medianResponseMs } = measurement;
  const unexplained =
    medianClosureShare * medianResponseMs > READING_CLOCKS_MS ? medianClosureShare : 0;
  const shares: [what: string, share: number, limit: number][] = [
    [
      "of the machine's time was taken by other guests of its host",
      machine.steal,
      limits.steal_share,
    ],
    ["of the machine's time was used by other programs", machine.other, limits.other_load_share],
    ['of the response time is not explained by its phases', unexplained, limits.closure_share],
  ];
  const noise = shares
    .filter(([, share, limit]) => share > limit)
    .map(([what, share, limit]) => `${percent(share)} ${what}, more than ${percent(limit)}`);
  return [
    ...failures.map((because) => ({ verdict: 'failed' as const, because })),
    ...noise.map((because) => ({ verdict: 'noisy' as const, because })),
  ];
}

/** The gravest of the problems. */
export function verdictOf(problems: readonly Problem[]): Verdict {
  const order: Verdict[] = ['interrupted', 'failed', 'noisy'];
  return order.find((each) => problems.some(({ verdict }) => verdict === each)) ?? 'valid';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
