import { type Cell, inFlightOf } from '../experiment/cells.js';
import type { Trial } from '../experiment/plan.js';
import { collectionOf, connectionsOf, polls, type System } from '../experiment/systems.js';
import type { Launched } from '../launch/system.js';
import { type Endings, logOf, stopProgram, type Workshop } from '../launch/workshop.js';
import { waitFor } from '../wait.js';

/** Beside the warm-up at its limit and the measured time: for starting, and for the last requests. */
const ALLOWANCE_S = 90;

/** What the load generator says while it works. */
export type LoadEvent =
  | { event: 'warm-up'; elapsed_s: number; samples: number; steady_workers: number }
  | {
      event: 'progress';
      elapsed_s: number;
      samples: number;
      throughput_per_s: number;
      mean_response_ms: number | null;
    }
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
 * with its last line on stderr when it could not run, or ended without that word; what it measured
 * until then is in the samples file.
 */
export async function runLoad(
  args: readonly string[],
  trial: Trial,
  { paths, programs, experiment, logs, signal }: Workshop,
  endings: Endings,
  onEvent: (event: LoadEvent) => void,
): Promise<LoadResult> {
  const name = 'load-generator';
  const { duration_s, warm_up_limit_s } = experiment.repetition;
  const program = programs.start(name, paths.loadGenerator, args, logOf(logs, trial, name));
  let result: LoadResult | undefined;
  let nonsense: string | undefined;
  program.lines.on('line', (line) => {
    const event = parseEvent(line);
    if (event === undefined) nonsense = line;
    else onEvent(event);
    if (event?.event === 'done') result = event;
  });
  try {
    const ending = await waitFor(program.ended, {
      what: 'the load',
      deadlineMs: (duration_s + warm_up_limit_s + ALLOWANCE_S) * 1000,
      signal,
    });
    if (ending !== 0) throw new Error(program.describeEnding(ending, 'while it measured'));
    if (nonsense !== undefined) throw new Error(`${name} said '${nonsense}', which is no event`);
    if (result === undefined) throw new Error(`${name} ended without saying that it was done`);
    return result;
  } finally {
    await stopProgram(program, endings);
  }
}

function parseEvent(line: string): LoadEvent | undefined {
  try {
    const event = JSON.parse(line) as LoadEvent;
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
