import { Interrupted, messageOf } from '../errors.js';
import type { Trial } from '../experiment/plan.js';
import { ownCpuSeconds } from '../launch/proc.js';
import { launchSystem } from '../launch/system.js';
import type { Endings, Workshop } from '../launch/workshop.js';
import { Teardown } from '../teardown.js';
import { type LoadEvent, type LoadResult, loadArguments, runLoad } from './load.js';
import { loadAverage, otherShare, watchMachine } from './machine.js';
import { type Measurement, measure } from './measurement.js';
import { readSamples } from './samples.js';
import { judge, type Problem, type Verdict, verdictOf } from './validity.js';

/** What a trial that reached its end measured. */
export interface Measured {
  readonly load: LoadResult;
  readonly measurement: Measurement;
  /** Of the whole machine, from the start of the warm-up to the end of the measurement, 0 to 1. */
  readonly machine: { readonly busy: number; readonly steal: number; readonly other: number };
  /** Shares of the same time in which something waited for a resource; null: not told. */
  readonly pressure: Readonly<Record<string, number>> | null;
  /** Processor seconds of each part of the system, over the same time. */
  readonly cpuS: Readonly<Record<string, number>>;
  /** What its programs told at /metrics when the load had ended. */
  readonly metrics: string;
  /** Worker pages to which something was attached; absent where there are no pages. */
  readonly attachedPages?: number;
}

/** What became of a trial. */
export interface TrialOutcome {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly verdict: Verdict;
  /** Why the trial does not count; empty when it does. */
  readonly invalidBecause: string;
  readonly loadAverageBefore: number;
  readonly endings: Endings;
  readonly measured?: Measured;
}

/** What a trial tells while it runs. */
export type TrialEvent = { event: 'launching' } | { event: 'stopping' } | LoadEvent;

/**
 * Runs one trial: launches its system, waits until all its workers are there, measures, and stops
 * everything again. Never throws: what goes wrong, an interruption included, makes the trial an
 * invalid one.
 */
export async function runTrial(
  trial: Trial,
  workshop: Workshop,
  samplesFile: string,
  onEvent: (event: TrialEvent) => void,
): Promise<TrialOutcome> {
  const before = { startedAt: new Date(), loadAverageBefore: loadAverage() };
  const endings: Endings = {};
  const problems: Problem[] = [];
  const teardown = new Teardown();
  let measured: Measured | undefined;
  onEvent({ event: 'launching' });
  try {
    measured = await launchAndMeasure(trial, workshop, samplesFile, teardown, endings, onEvent);
    problems.push(...judge(measured, trial.cell.attached, workshop.experiment.validity));
  } catch (error) {
    const verdict = error instanceof Interrupted ? 'interrupted' : 'failed';
    problems.push({ verdict, because: messageOf(error) });
  }
  onEvent({ event: 'stopping' });
  for (const because of await teardown.run()) problems.push({ verdict: 'failed', because });
  return {
    ...before,
    endedAt: new Date(),
    verdict: verdictOf(problems),
    invalidBecause: problems.map(({ because }) => because).join('; '),
    endings,
    ...(measured && { measured }),
  };
}

async function launchAndMeasure(
  trial: Trial,
  workshop: Workshop,
  samplesFile: string,
  teardown: Teardown,
  endings: Endings,
  onEvent: (event: TrialEvent) => void,
): Promise<Measured> {
  const launched = await launchSystem(trial, workshop, teardown, endings);
  const cpuSeconds = async () => {
    const { self, children } = ownCpuSeconds();
    // The load generator is the only child that ends in the time between two readings.
    return { ...(await launched.cpuSeconds()), harness: self, load_generator: children };
  };
  const cpuBefore: Record<string, number> = await cpuSeconds();
  const machineSince = watchMachine();

  const args = loadArguments(trial, workshop, launched, samplesFile);
  const load = await runLoad(args, trial, workshop, endings, onEvent);

  const use = machineSince();
  const cpuS = Object.fromEntries(
    Object.entries(await cpuSeconds()).map(([part, s]) => [part, s - (cpuBefore[part] ?? 0)]),
  );
  const ownCpuS = Object.values(cpuS).reduce((sum, seconds) => sum + seconds, 0);
  const metrics = await workshop.relay.snapshot();
  const attachedPages = await launched.countAttachedPages();
  return {
    load,
    measurement: await measure(readSamples(samplesFile), {
      ...load,
      open: trial.cell.ratePerS !== null,
    }),
    machine: { busy: use.busy, steal: use.steal, other: otherShare(use, ownCpuS) },
    pressure: use.pressure,
    cpuS,
    metrics,
    ...(attachedPages !== undefined && { attachedPages }),
  };
}
