import { waitFor } from '../base/wait.js';
import { type Cell, inFlightOf } from '../experiment/cells.js';
import { expectedSeconds } from '../experiment/eta.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import { collectionOf, connectionsOf, polls, type System } from '../experiment/systems.js';
import type { Launched } from '../launch/system.js';
import { type Launch, logOf, stopProgram, type Workshop } from '../launch/workshop.js';
import { Watch } from './watch.js';

/** On top of the warm-up at its limit and the measured time. */
const ALLOWANCE_S = 90;
/** Of what a trial is expected to take: references of large matrices, and the last requests. */
const TIMES_EXPECTED = 10;

/** What the load generator says while it works. */
export type LoadEvent =
  | { event: 'warm-up'; elapsed_s: number; samples: number; steady_workers: number }
  /** The measured window is set: when it opens and closes, on CLOCK_MONOTONIC of this machine. */
  | { event: 'window-start'; opens_monotonic_s: number; closes_monotonic_s: number }
  | {
      event: 'progress';
      elapsed_s: number;
      samples: number;
      throughput_per_s: number;
      mean_response_ms: number | null;
    }
  /** The measured window is over; what follows is the end of the requests that are in flight. */
  | { event: 'window-end'; elapsed_s: number; samples: number }
  | LoadResult;

/** What it says at the end. */
export interface LoadResult {
  event: 'done';
  samples: number;
  wrong: number;
  errors: number;
  measured_s: number;
  warm_up_samples: number;
  warm_up_s: number;
  steady: boolean;
  /** While requests of the window were under way: how long the load generator did not run, */
  stopped_ms: number;
  /** how long at a time, */
  longest_stop_ms: number;
  /** how long it waited for a processor, */
  starved_ms: number;
  /** and how long the machine slept. */
  suspended_ms: number;
  /** Of an open load; null where no client ever was free. */
  lateness_ms: { p50: number; p99: number; max: number } | null;
}

/** The arguments of the load generator for one trial. */
export function loadArguments(
  trial: Trial,
  workshop: Workshop,
  launched: Launched,
  samples: string,
): string[] {
  const { repetition, seed, load } = workshop.experiment;
  const { system, workers, n, values, split, ratePerS } = trial.cell;
  const args = {
    ...clientOf(system),
    workers,
    n,
    values,
    split,
    ...(load.kind === 'open'
      ? { rate: ratePerS, arrivals: load.arrivals }
      : { 'in-flight': inFlightOf(trial.cell) }),
    duration: repetition.duration_s,
    'warm-up-limit': repetition.warm_up_limit_s,
    'warm-up-span': warmUpSpanOf(trial.cell),
    // Another seed for each launch: a launch repeats the cell, not the very same matrices.
    seed: (seed + trial.launch) % 2 ** 32,
    samples,
  };
  const named = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [...named, ...launched.loadArguments];
}

/** How the load generator reaches a system: what it has no choice of is no flag of it. */
function clientOf(system: System): Record<string, string | null> {
  const { transport, codec, kernel } = system;
  switch (transport) {
    case 'inproc':
      return { transport, kernel };
    case 'rest':
      return {
        transport,
        codec,
        collection: collectionOf(system),
        connections: connectionsOf(system),
      };
    default:
      return { transport };
  }
}

/**
 * Tasks of each worker that are held against as many before them to see whether it is steady. Where a
 * task takes a second because somebody waits, ten would take as long as the measurement, and there is
 * little that could become faster.
 */
function warmUpSpanOf({ system, serviceMs }: Cell): number {
  return serviceMs > 0 || polls(system) ? 1 : 5;
}

/**
 * Runs the load generator from its warm-up to its end and returns its last word. Throws an Error
 * that names what was lost of the system meanwhile, or with its own last line on stderr when it
 * could not run, or ended without that word; what it measured until then is in the samples file.
 */
export async function runLoad(
  args: readonly string[],
  trial: Trial,
  { paths, programs, experiment, logs, signal }: Workshop,
  launched: Launched,
  { losses, endings }: Launch,
  onEvent: (event: LoadEvent) => void,
): Promise<LoadResult> {
  const name = 'load-generator';
  const program = programs.start(name, paths.loadGenerator, args, logOf(logs, trial, name));
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
      throw new Error(`${name} said '${nonsense}', which is not an event`);
    if (result === undefined) throw new Error(`${name} ended without saying that it was done`);
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
  const { duration_s, warm_up_limit_s } = experiment.repetition;
  const aroundS = expectedSeconds(cell, experiment) - duration_s;
  return 1000 * (duration_s + warm_up_limit_s + ALLOWANCE_S + TIMES_EXPECTED * aroundS);
}

function parseEvent(line: string): LoadEvent | undefined {
  try {
    const event = JSON.parse(line) as LoadEvent;
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
