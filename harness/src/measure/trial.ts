import { Interrupted, messageOf } from '../base/errors.js';
import { Teardown } from '../base/teardown.js';
import { hasFaults, type InjectedFault, planOf } from '../experiment/faults.js';
import { jitterSeconds } from '../experiment/pace.js';
import type { Trial } from '../experiment/plan.js';
import { Injector } from '../faults/injector.js';
import type { Endings, Launch, LaunchContext } from '../launch/context.js';
import type { Launched } from '../launch/launched.js';
import { Losses } from '../launch/parts/losses.js';
import { cpuSecondsOf, readyTimesOf } from '../launch/parts/part.js';
import { familyOf, migrationsOf, ownCpuSeconds, stateOf } from '../launch/parts/proc.js';
import { launchSystem } from '../launch/system.js';
import { extraLoads } from './extra_load.js';
import { handlesOf } from './handles.js';
import { loadArguments, runLoad } from './load.js';
import type { LoadEvent } from './load_events.js';
import { loadAverage, otherShare, watchMachine } from './machine.js';
import type { Measured } from './measured.js';
import { measure } from './measurement.js';
import { readSamples } from './samples.js';
import { judge, type Problem, type Validity, validityOf } from './validity.js';

/** A trial that is over, whatever became of it. */
export interface EndedTrial {
  readonly validity: Validity;
  /** Why the trial does not count; empty when it does. */
  readonly invalidBecause: string;
  readonly loadAverageBefore: number;
  readonly endings: Endings;
  /** What was done to the system, where the cell has a plan of faults. */
  readonly injected?: readonly InjectedFault[];
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
  context: LaunchContext,
  samplesFile: string,
  onEvent: (event: TrialEvent) => void,
): Promise<EndedTrial> {
  const loadAverageBefore = loadAverage();
  const teardown = new Teardown();
  const losses = new Losses();
  const launch: Launch = { teardown, losses, endings: {} };
  const problems: Problem[] = [];
  const injected: InjectedFault[] = [];
  let measured: Measured | undefined;
  onEvent({ event: 'launching' });
  try {
    measured = await launchAndMeasure(trial, context, samplesFile, launch, injected, onEvent);
    problems.push(...judge({ ...measured, injected }, trial.cell, context.experiment.validity));
    await losses.throwIfAny();
  } catch (error) {
    const validity = error instanceof Interrupted ? 'interrupted' : 'failed';
    problems.push({ validity, because: messageOf(error) });
  }
  losses.close();
  onEvent({ event: 'stopping' });
  for (const because of await teardown.run()) problems.push({ validity: 'failed', because });
  return {
    validity: validityOf(problems),
    invalidBecause: problems.map(({ because }) => because).join('; '),
    loadAverageBefore,
    endings: launch.endings,
    ...(hasFaults(trial.cell) && { injected }),
    ...(measured && { measured }),
  };
}

async function launchAndMeasure(
  trial: Trial,
  context: LaunchContext,
  samplesFile: string,
  launch: Launch,
  injected: InjectedFault[],
  onEvent: (event: TrialEvent) => void,
): Promise<Measured> {
  const launched = await launchSystem(trial, context, launch);
  if (context.standing !== undefined) {
    launch.losses.during = 'while its partner in the duet was launched';
    await launch.losses.cutShort(context.standing());
  }
  launch.losses.during = 'while it was measured';
  const unobserved = new Set<string>();
  // Nothing that is seen on the side is worth a measurement.
  const see = <T>(what: string, look: Promise<T>): Promise<T | undefined> =>
    look.catch((error: unknown) => {
      unobserved.add(`${what}: ${messageOf(error)}`);
      return undefined;
    });
  const cpuBefore = await see('processor time', cpuSeconds(launched));
  const migrationsBefore = await see('migrations', migrations(launched));
  const machineSince = watchMachine(context.processors);

  const args = loadArguments(trial, context, launched, samplesFile);
  const extra = extraLoads(trial, context, launched);
  const injector = new Injector(
    planOf(trial.cell, context.experiment.faults),
    handlesOf(launched, trial.cell, extra),
  );
  const load = await runLoad(args, trial, context, launched, launch, (event) => {
    if (event.event === 'window-start') injector.begin(event.opens_monotonic_s);
    onEvent(event);
  }).finally(async () => injected.push(...(await injector.end())));

  const use = machineSince();
  const cpuAfter = await see('processor time', cpuSeconds(launched));
  const ofSystem = differenceOf(cpuBefore, cpuAfter);
  const ofLoad: Record<string, number> = { load_generator: load.cpu_s };
  if (extra.cpuS > 0) ofLoad['burst'] = extra.cpuS;
  const cpuS = ofSystem && { ...ofSystem, ...ofLoad };
  const migrationsAfter = await see('migrations', migrations(launched));
  const metrics = await see('metrics', context.relay.snapshot(trial.cell.workers));
  const attachedPages = await see('attached pages', launched.countAttachedPages());
  const ownCpuS = Object.values(cpuS ?? { unknown: Number.NaN }).reduce((sum, s) => sum + s, 0);
  const { busy, steal, throttled } = use;
  const jitterS = jitterSeconds(trial.cell.system, context.experiment.load);
  return {
    load,
    measurement: await measure(readSamples(samplesFile), {
      ...load,
      open: trial.cell.ratePerS !== null,
      jitter_s: jitterS,
      ...(hasFaults(trial.cell) && { faults: injected }),
    }),
    machine: { busy, steal, throttled, other: otherShare(use, ownCpuS) },
    pressure: use.pressure,
    observedS: use.seconds,
    jitterS,
    cpuS: cpuS ?? {},
    migrations: increaseOf(migrationsBefore, migrationsAfter),
    readyMs: await readyTimesOf(launched.parts),
    metrics: metrics ?? null,
    ...(attachedPages !== undefined && { attachedPages }),
    unobserved: [...unobserved],
  };
}

async function cpuSeconds(launched: Launched): Promise<Record<string, number>> {
  return { ...(await cpuSecondsOf(launched.parts)), harness: ownCpuSeconds() };
}

/** Of all processes of the system since they began; null: unknown. */
async function migrations(launched: Launched): Promise<number | null> {
  const pids = (await launched.processes()).flatMap(({ pid }) => pid ?? []);
  // What was killed on purpose counts no more.
  const counts = pids
    .flatMap(familyOf)
    .filter((pid, i, all) => all.indexOf(pid) === i && stateOf(pid) !== undefined)
    .map(migrationsOf)
    .filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function increaseOf(before?: number | null, after?: number | null): number | null {
  if (before === undefined || after === undefined || before === null || after === null) return null;
  // Threads that end take their count with them.
  return Math.max(0, after - before);
}

function differenceOf(
  before: Readonly<Record<string, number>> | undefined,
  after: Readonly<Record<string, number>> | undefined,
): Record<string, number> | undefined {
  if (before === undefined || after === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(after).map(([part, s]) => [part, s - (before[part] ?? 0)]),
  );
}
