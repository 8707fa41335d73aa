import { waitFor } from '../base/wait.js';
import { type Cell, inFlightOf } from '../experiment/cells.js';
import { secondsAround } from '../experiment/eta.js';
import type { Experiment } from '../experiment/experiment.js';
import { hasFaults } from '../experiment/faults.js';
import { jitterSeconds } from '../experiment/pace.js';
import { placementOf } from '../experiment/placement.js';
import type { Trial } from '../experiment/plan.js';
import { clientFlagsOf, pollPeriodSeconds } from '../experiment/systems.js';
import { windowSeconds } from '../experiment/window.js';
import { type Launch, type LaunchContext, logOf, stopProgram } from '../launch/context.js';
import type { Launched } from '../launch/launched.js';
import { type LoadEvent, type LoadResult, parseEvent } from './load_events.js';
import { Watch } from './watch.js';

/** On top of the warm-up at its limit and the measured time. */
const ALLOWANCE_S = 90;
/** Of what a trial is expected to take: references of large matrices, and the last requests. */
const TIMES_EXPECTED = 10;

/** The arguments of the load generator for one trial. */
export function loadArguments(
  trial: Trial,
  context: LaunchContext,
  launched: Launched,
  samples: string,
): string[] {
  const { repetition, seed, load, validity } = context.experiment;
  const { system, workers, n, values, split, ratePerS } = trial.cell;
  const jitterS = jitterSeconds(system, load);
  const args = {
    ...clientFlagsOf(system),
    workers,
    n,
    values,
    split,
    ...(load.kind === 'open'
      ? { rate: ratePerS, arrivals: load.arrivals, ...scheduleOf(load) }
      : { 'in-flight': inFlightOf(trial.cell) }),
    ...(jitterS > 0 && { jitter: jitterS }),
    duration: windowSeconds(trial.cell, context.experiment),
    ...(repetition.samples !== null && { 'max-samples': repetition.samples }),
    // Where requests may fail, that they do is measured.
    ...((hasFaults(trial.cell) || validity.failed_share > 0) && { 'max-errors': 0 }),
    'warm-up': repetition.warm_up_s,
    'warm-up-limit': repetition.warm_up_limit_s,
    'warm-up-span': warmUpSpanOf(trial.cell),
    // Another seed for each launch: a launch repeats the cell, not the very same matrices.
    seed: (seed + trial.launch) % 2 ** 32,
    samples,
  };
  const named = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [...named, ...launched.loadArguments];
}

function scheduleOf({ schedule }: { readonly schedule: string }) {
  return schedule === 'constant' ? {} : { 'rate-schedule': schedule };
}

/**
 * Tasks of each worker that are held against as many before them to see whether it is steady. Where a
 * task takes a second because somebody waits, ten would take as long as the measurement, and there is
 * little that could become faster.
 */
function warmUpSpanOf({ system, serviceMs }: Cell): number {
  return serviceMs > 0 || pollPeriodSeconds(system) > 0 ? 1 : 5;
}

/**
 * Runs the load generator from its warm-up to its end and returns its last word. Throws an Error
 * that names what was lost of the system meanwhile, or with its own last line on stderr when it
 * could not run, or ended without that word; what it measured until then is in the samples file.
 */
export async function runLoad(
  args: readonly string[],
  trial: Trial,
  { paths, programs, experiment, logs, signal, processors: among }: LaunchContext,
  launched: Launched,
  { losses, endings }: Launch,
  onEvent: (event: LoadEvent) => void,
): Promise<LoadResult> {
  const name = 'load-generator';
  const processors = placementOf(trial.cell.pin, among).loadGenerator;
  const log = logOf(logs, trial, name);
  const program = programs.start(name, paths.loadGenerator, args, log, { processors });
  const watch = new Watch(launched, program, trial.cell, losses);
  void watch.run();
  let result: LoadResult | undefined;
  let nonsense: string | undefined;
  program.lines.on('line', (line) => {
    const event = parseEvent(line);
    if (event === undefined) nonsense = line;
    else {
      watch.note(event);
      onEvent(event);
    }
    if (event?.event === 'done') result = event;
  });
  try {
    const ending = await waitFor(losses.cutShort(program.ended), {
      what: 'the load',
      deadlineMs: deadlineMs(trial.cell, experiment),
      signal,
    });
    if (ending !== 0) {
      // It notices what was lost sooner than those whose business it is.
      await losses.throwIfAny(LOSS_GRACE_MS);
      throw new Error(program.describeEnding(ending, 'while it measured') + losses.memoryNote());
    }
    if (nonsense !== undefined)
      throw new Error(`${name} printed '${nonsense}', which is not an event`);
    if (result === undefined) throw new Error(`${name} ended without its event 'done'`);
    // What was stopped since the last look has been measured, too.
    await watch.look();
    return result;
  } finally {
    watch.stop();
    await stopProgram(program, endings);
  }
}

/** How long a failed load generator's reason may be on its way from another process. */
const LOSS_GRACE_MS = 300;

function deadlineMs(cell: Cell, experiment: Experiment): number {
  const loadS = windowSeconds(cell, experiment) + experiment.repetition.warm_up_limit_s;
  const aroundS = secondsAround(cell, experiment);
  return 1000 * (loadS + ALLOWANCE_S + TIMES_EXPECTED * aroundS);
}
