import { UsageError } from '../errors.js';
import type { Flags } from '../flags.js';
import { checkSystem, hasChoiceOfCodec, type System } from './systems.js';

export type Browsers = 'shared' | 'per-worker';

/**
 * Everything that decides what a run measures. It is stored with the run, after the defaults and
 * the flags were merged.
 */
export interface Experiment {
  readonly systems: readonly System[];
  readonly workers: readonly number[];
  /** The order of the square matrices. */
  readonly n: number;
  /** Requests kept in flight in all; null is one per worker. */
  readonly in_flight: number | null;
  /** Seconds measured in each trial, after its warm-up. */
  readonly duration_s: number;
  readonly launches: number;
  readonly seed: number;
  readonly browsers: Browsers;
  /** Whether Playwright stays attached to the worker pages, which costs them time. */
  readonly attached: boolean;
}

const DEFAULTS = { n: 128, duration_s: 10, launches: 3 };
const QUICK = { ...DEFAULTS, duration_s: 2, launches: 1 };

/**
 * The experiment that the flags ask for; what they leave out comes from the defaults. `freshSeed`
 * is used when no seed was given.
 */
export function makeExperiment(
  flags: Flags,
  known: readonly System[],
  freshSeed: number,
): Experiment {
  const defaults = flags.quick ? QUICK : DEFAULTS;
  return {
    systems: chooseSystems(flags, known),
    workers: flags.workers,
    n: flags.n ?? defaults.n,
    in_flight: flags.inFlight ?? null,
    duration_s: flags.duration ?? defaults.duration_s,
    launches: flags.launches ?? defaults.launches,
    seed: flags.seed ?? freshSeed,
    browsers: flags.browsers,
    attached: flags.attached ?? false,
  };
}

function chooseSystems(flags: Flags, known: readonly System[]): System[] {
  const names = flags.systems ?? known.map((system) => system.name);
  const chosen = names.map((name) => {
    const system = known.find((candidate) => candidate.name === name);
    if (system === undefined) {
      const all = known.map((candidate) => candidate.name).join(', ');
      throw new UsageError(`--systems: there is no system '${name}'; expected some of ${all}`);
    }
    return system;
  });
  if (flags.codec !== undefined && !chosen.some(hasChoiceOfCodec)) {
    throw new UsageError(
      `--codec ${flags.codec}: none of ${names.join(', ')} has a choice of codec; add rest-wasm to --systems`,
    );
  }
  return chosen.map((system) => {
    const codec =
      flags.codec !== undefined && hasChoiceOfCodec(system) ? flags.codec : system.codec;
    const kernel = flags.kernel ?? system.kernel;
    return checkSystem({ ...system, codec, kernel }, `--systems ${system.name}`);
  });
}

/** The requests that the load generator keeps in flight against so many workers. */
export function inFlightFor(experiment: Experiment, workers: number): number {
  return experiment.in_flight ?? workers;
}
