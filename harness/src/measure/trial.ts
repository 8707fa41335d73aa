import { messageOf } from '../errors.js';
import { inFlightFor } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import { type Endings, launchSystem, type Workshop } from '../launch/system.js';
import { Teardown } from '../teardown.js';
import { type LoadEvent, type LoadResult, loadArguments, runLoad } from './load.js';
import { loadAverage, readMachineTicks, shareOf } from './machine.js';
import { type Measurement, measure } from './measurement.js';
import { readSamples } from './samples.js';

/** What a trial that reached its end measured. */
export interface Measured {
  readonly load: LoadResult;
  readonly measurement: Measurement;
  /** Of the whole machine, from the start of the warm-up to the end of the measurement, 0 to 1. */
  readonly machine: { readonly busy: number; readonly steal: number };
  /** Processor seconds of each part of the system, over the same time. */
  readonly cpuS: Readonly<Record<string, number>>;
  /** Worker pages to which something was attached; absent where there are no pages. */
  readonly attachedPages?: number;
}

/** What became of a trial. */
export interface TrialOutcome {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Why the trial does not count; empty when it does. */
  readonly invalidBecause: string;
  readonly inFlight: number;
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
  const before = {
    startedAt: new Date(),
    loadAverageBefore: loadAverage(),
    inFlight: inFlightFor(workshop.experiment, trial.workers),
  };
  const endings: Endings = {};
  const problems: string[] = [];
  const teardown = new Teardown();
  let measured: Measured | undefined;
  onEvent({ event: 'launching' });
  try {
    measured = await launchAndMeasure(trial, workshop, samplesFile, teardown, endings, onEvent);
    problems.push(...judge(measured, workshop.experiment.attached));
  } catch (error) {
    problems.push(messageOf(error));
  }
  onEvent({ event: 'stopping' });
  problems.push(...(await teardown.run()));
  return {
    ...before,
    endedAt: new Date(),
    invalidBecause: problems.join('; '),
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
  const cpuBefore = await launched.cpuSeconds();
  const ticksBefore = readMachineTicks();

  const args = loadArguments(trial, workshop, launched, samplesFile);
  const load = await runLoad(args, trial, workshop, endings, onEvent);

  const machine = shareOf(ticksBefore, readMachineTicks());
  const cpuAfter = await launched.cpuSeconds();
  const cpuS = Object.fromEntries(
    Object.entries(cpuAfter).map(([part, seconds]) => [part, seconds - (cpuBefore[part] ?? 0)]),
  );
  const attachedPages = await launched.countAttachedPages();
  const measurement = await measure(readSamples(samplesFile), load.measured_s);
  return {
    load,
    measurement,
    machine,
    cpuS,
    ...(attachedPages !== undefined && { attachedPages }),
  };
}

/** The reasons for which a trial that reached its end does not count, a sentence each. */
function judge({ measurement, attachedPages }: Measured, attached: boolean): string[] {
  const problems: string[] = [];
  const { wrong, errors, samples, firstError } = measurement;
  if (wrong > 0) problems.push(`${wrong} wrong products (first: ${firstError || 'no details'})`);
  else if (errors > 0) problems.push(`${errors} failed requests (first: ${firstError})`);
  if (samples === 0) problems.push('no request ended well in the measured time');
  if (attachedPages !== undefined && attachedPages > 0 && !attached) {
    problems.push(`${attachedPages} worker pages had a debugger attached while they were measured`);
  }
  return problems;
}
