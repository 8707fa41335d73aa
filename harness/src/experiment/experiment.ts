import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { AXES, type ExperimentAxes } from './axes.js';
import { type Axis, flagOf } from './axis.js';
import type { Written } from './axis_values.js';
import { checkPlan, type FaultPlans, NO_FAULTS } from './faults.js';
import type {
  Axes,
  ClosedLoad,
  ExperimentFile,
  OpenLoad,
  Repetition,
  StopRule,
  Validity,
} from './file.js';
import type { System } from './systems.js';
import type { Path } from './yaml_file.js';

/**
 * Everything that decides what a run measures, after the file, the flags and the defaults were
 * merged. The run stores it, with its hash.
 */
export interface Experiment {
  readonly name: string;
  readonly question: string;
  readonly systems: readonly System[];
  /** The name of the one that the others are compared with. */
  readonly over: string;
  readonly answer: Required<ExperimentFile>['answer'];
  readonly axes: ExperimentAxes;
  /** The most workers of systems that have not all worker counts, by name. */
  readonly most_workers: Readonly<Record<string, number>>;
  readonly load: Required<ClosedLoad> | Required<OpenLoad>;
  /** What may be done to a system while it is measured; absent where nothing is. */
  readonly faults?: FaultPlans;
  /** `samples`: null where only the time bounds a measurement. */
  readonly repetition: Required<Omit<Repetition, 'samples'>> & { readonly samples: number | null };
  readonly seed: number;
  /** Its two systems are measured at the same time. Absent from older runs. */
  readonly duet?: boolean;
  readonly stop: Required<StopRule> | null;
  readonly validity: Required<Validity>;
}

/** What the command line puts in the place of what the file says. */
export interface Overrides {
  readonly systems?: readonly string[];
  readonly over?: string;
  readonly axes?: Axes;
  readonly launches?: number;
  readonly duration?: number;
  readonly samples?: number;
  readonly seed?: number;
  readonly duet?: true;
  readonly quick?: true;
}

/** A closed load of which nothing else is said. */
export const DEFAULT_CLOSED = { kind: 'closed', submit: 'at-once' } as const;
export const DEFAULT_OPEN = { kind: 'open', arrivals: 'poisson', schedule: 'constant' } as const;
const DEFAULT_REPETITION = {
  launches: 3,
  duration_s: 10,
  samples: null,
  warm_up_s: 1,
  warm_up_limit_s: 10,
};
export const DEFAULT_ANSWER = 'cost';
const QUICK_REPETITION = { launches: 1, duration_s: 2 };
/** The limits of an experiment that gives none. */
export const DEFAULT_VALIDITY = {
  steal_share: 0.1,
  other_load_share: 0.05,
  unaccounted_share: 0.05,
  failed_share: 0,
  wrong: 0,
};
/** A quick run is to show that all is well, on a machine that may be busy with other things. */
const QUICK_VALIDITY = { steal_share: 1, other_load_share: 1, unaccounted_share: 1 };
const DEFAULT_STOP = { measure: 'median_response_ms', most_launches: 30 } as const;

/**
 * The experiment of a file under the flags. `freshSeed` is used when neither gives a seed. Throws
 * UsageError that names the flag, or the place in the file, and its value when they do not go
 * together.
 */
export function makeExperiment(
  name: string,
  file: ExperimentFile,
  overrides: Overrides,
  known: readonly System[],
  freshSeed: number,
  placeOf: (path: Path) => string,
  axes: readonly Axis[] = AXES,
): Experiment {
  const quick: ExperimentFile['quick'] = overrides.quick
    ? { repetition: QUICK_REPETITION, ...file.quick }
    : {};
  const given: Record<string, Written> = { ...file.axes, ...quick?.axes, ...overrides.axes };
  const load = loadOf(file, overrides);
  if (overrides.axes?.['rate_per_s'] !== undefined) delete given['in_flight'];
  if (overrides.axes?.['in_flight'] !== undefined) delete given['rate_per_s'];
  inPlace(placeOf(['load']), () => checkLoad(load.kind, given));
  inPlace(placeOf(['stop']), () => checkStop(load, file.stop));
  const systems = overrides.systems
    ? inPlace('--systems', () => chooseSystems(overrides.systems, known))
    : inPlace(placeOf(['systems']), () => chooseSystems(file.systems, known));
  const duet = overrides.duet ?? file.order?.duet ?? false;
  if (duet && file.stop && !overrides.quick) {
    throw new UsageError(
      `${placeOf(['stop'])}: a duet launches both systems each time, so no stop rule can launch one of them; remove stop, or give --launches and no duet`,
    );
  }
  const repetition = {
    ...DEFAULT_REPETITION,
    ...file.repetition,
    ...quick?.repetition,
    ...(overrides.launches !== undefined && { launches: overrides.launches }),
    ...(overrides.duration !== undefined && { duration_s: overrides.duration }),
    ...(overrides.samples !== undefined && { samples: overrides.samples }),
  };
  if (duet && repetition.samples !== null) {
    const place =
      overrides.samples === undefined ? placeOf(['repetition', 'samples']) : '--samples';
    throw new UsageError(
      `${place}: of a duet both systems are measured for the same time, not until one of them has ${repetition.samples} samples; expected no samples, or no duet`,
    );
  }
  const read = readAxes(given, axes, (axis) => {
    if (overrides.axes?.[axis.name] !== undefined) return flagOf(axis);
    const quickly = quick?.axes?.[axis.name] === undefined ? [] : ['quick'];
    return placeOf([...quickly, 'axes', axis.name]);
  });
  checkFaults(file.faults, read, repetition, placeOf);
  if (load.kind === 'open' && load.schedule !== 'constant' && repetition.samples !== null) {
    throw new UsageError(
      `${placeOf(['load', 'schedule'])}: a rate that changes is measured for a fixed time, not until there are ${repetition.samples} samples; expected no samples, or a constant rate`,
    );
  }
  return {
    name,
    question: file.question,
    systems,
    over: overrides.over
      ? inPlace('--over', () => findOver(overrides.over, systems))
      : inPlace(placeOf(['over']), () => overOf(file, systems, overrides)),
    answer: file.answer ?? DEFAULT_ANSWER,
    axes: read,
    most_workers: inPlace(placeOf(['most_workers']), () => mostWorkersOf(file, known)),
    load,
    ...(file.faults && { faults: file.faults }),
    repetition,
    seed: overrides.seed ?? file.order?.seed ?? freshSeed,
    ...(duet && { duet }),
    stop: file.stop && !overrides.quick ? { ...DEFAULT_STOP, ...file.stop } : null,
    validity: {
      ...DEFAULT_VALIDITY,
      ...file.validity,
      ...(overrides.quick && QUICK_VALIDITY),
    },
  };
}

function chooseSystems(names: readonly string[] | undefined, known: readonly System[]): System[] {
  return names === undefined ? [...known] : names.map((name) => findSystem(name, known));
}

/** What the file says, unless the command line leaves that system out. */
function overOf({ over }: ExperimentFile, systems: readonly System[], given: Overrides): string {
  const isLeftOut = given.systems !== undefined && systems.every(({ name }) => name !== over);
  return over === undefined || isLeftOut ? defaultOver(systems) : findOver(over, systems);
}

/**
 * The first system in which matrices travel: what the move of a distributed system starts from. The
 * first of all where they travel in none.
 */
export function defaultOver(systems: readonly System[]): string {
  const [first] = [...systems.filter(({ codec }) => codec !== 'none'), ...systems];
  return first?.name ?? '';
}

/** Throws UsageError when the experiment does not measure a system of that name. */
export function findOver(over = '', systems: readonly System[]): string {
  const names = systems.map(({ name }) => name);
  if (names.includes(over)) return over;
  throw new UsageError(
    `'${over}' is not measured, so nothing can be compared with it; expected one of ${names.join(', ')}${didYouMean(over, names)}`,
  );
}

function findSystem(name: string, known: readonly System[]): System {
  const system = known.find((candidate) => candidate.name === name);
  if (system !== undefined) return system;
  const all = known.map((candidate) => candidate.name);
  throw new UsageError(
    `unknown system '${name}'; expected some of ${all.join(', ')}${didYouMean(name, all)}`,
  );
}

function mostWorkersOf({ most_workers = {} }: ExperimentFile, known: readonly System[]) {
  for (const name of Object.keys(most_workers)) findSystem(name, known);
  return most_workers;
}

/** A rate on the command line opens a closed load, a number in flight closes an open one. */
function loadOf({ load }: ExperimentFile, { axes }: Overrides): Experiment['load'] {
  const opened = axes?.['rate_per_s'] !== undefined;
  const closed = axes?.['in_flight'] !== undefined;
  const open = opened || (load?.kind === 'open' && !closed);
  if (!open) return { ...DEFAULT_CLOSED, ...(load?.kind === 'closed' && load) };
  return { ...DEFAULT_OPEN, ...(load?.kind === 'open' && load) };
}

function checkLoad(kind: 'closed' | 'open', axes: Axes): void {
  if (kind === 'open' && axes['rate_per_s'] === undefined) {
    throw new UsageError('an open load needs arrival rates: axes.rate_per_s, or --rate');
  }
  if (kind === 'closed' && axes['rate_per_s'] !== undefined) {
    throw new UsageError(
      `rate_per_s ${axes['rate_per_s']} applies only to an open load; expected load.kind: open, or no rate`,
    );
  }
  if (kind === 'open' && axes['in_flight'] !== undefined) {
    throw new UsageError(
      `in_flight ${axes['in_flight']} applies only to a closed load; expected load.kind: closed, or no in_flight`,
    );
  }
}

/** A jittered client waits of its own accord, so that its throughput is not the system's. */
function checkStop(load: Experiment['load'], stop: StopRule | undefined): void {
  if (load.kind !== 'closed' || load.submit !== 'jittered') return;
  if (stop?.measure !== 'throughput_per_s') return;
  throw new UsageError(
    'measure throughput_per_s is not given where load.submit is jittered; expected median_response_ms or p95_response_ms',
  );
}

/** The plans that are asked for exist, and each can happen in every cell and within the measured time. */
function checkFaults(
  plans: FaultPlans = {},
  { faults, workers }: ExperimentAxes,
  { duration_s }: Pick<Required<Repetition>, 'duration_s'>,
  placeOf: (path: Path) => string,
): void {
  const known = [NO_FAULTS, ...Object.keys(plans)];
  for (const name of faults) {
    if (known.includes(name)) continue;
    throw new UsageError(
      `${placeOf(['axes', 'faults'])}: there is no plan '${name}'; expected ${known.join(', ')}${didYouMean(name, known)}`,
    );
  }
  const limits = { duration_s, fewestWorkers: Math.min(...workers) };
  for (const [name, plan] of Object.entries(plans)) {
    if (!/^[\w-]+$/.test(name) || name === NO_FAULTS) {
      throw new UsageError(
        `${placeOf(['faults', name])}: '${name}' is not a valid name of a plan; expected letters, digits, - and _, and not ${NO_FAULTS}`,
      );
    }
    if (!faults.includes(name)) continue;
    checkPlan(plan, limits, (fault) => placeOf(['faults', name, fault]));
  }
}

/** What `work` gives; its UsageError is told where the value came from. */
export function inPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}

/** The values of each axis: those that are given, or its default. */
function readAxes(
  given: Axes,
  axes: readonly Axis[],
  placeOf: (axis: Axis) => string,
): ExperimentAxes {
  const read = axes.flatMap((axis) => {
    const written = given[axis.name] ?? axis.default;
    if (written === undefined) return [];
    return [[axis.name, inPlace(placeOf(axis), () => readValues(axis, written))]];
  });
  return Object.fromEntries(read) as ExperimentAxes;
}

function readValues({ name, values }: Axis, written: Written): readonly unknown[] {
  if (Array.isArray(written) && written.length === 0) {
    throw new UsageError(`${name} is empty; expected at least one value`);
  }
  return values.read(written);
}
