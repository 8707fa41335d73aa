import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import type {
  Axes,
  ClosedLoad,
  ExperimentFile,
  OneOrMore,
  OpenLoad,
  StopRule,
  Validity,
  WholeNumbers,
} from './file.js';
import { type Counted, MATRIX_ORDER, parseWholeNumbers, WORKER_COUNT } from './ranges.js';
import type {
  Codec,
  Collection,
  Connections,
  Dispatch,
  Engine,
  Kernel,
  System,
  Transport,
} from './systems.js';
import type { Path } from './yaml_file.js';

/** What the axes that are no fields of a system may be. */
export const AXIS_VALUES = {
  values: ['real', 'integer'],
  split: ['none', 'rows', 'grid'],
  browser_flags: ['none', 'revectorize', 'no-liftoff'],
  browsers: ['shared', 'per-worker'],
} as const;

export type Browsers = (typeof AXIS_VALUES.browsers)[number];

/** What a browser is told beside its defaults; all but `none` make figures that no user's browser has. */
export type BrowserFlags = (typeof AXIS_VALUES.browser_flags)[number];

/** Tiles of a split multiplication: blocks of rows, or of rows and columns. */
export type Split = (typeof AXIS_VALUES.split)[number];

/** What matrices hold: values of [-1, 1), or whole ones from 0 to 9, as the original's. */
export type Values = (typeof AXIS_VALUES.values)[number];

/** Requests in flight in all, or as many as workers. */
export type InFlight = number | 'per-worker';

/**
 * Everything that decides what a run measures, after the file, the flags and the defaults were
 * merged. The run stores it, with its hash.
 */
export interface Experiment {
  readonly name: string;
  readonly question: string;
  readonly systems: readonly System[];
  readonly axes: ExperimentAxes;
  /** The most workers of systems that have not all worker counts, by name. */
  readonly most_workers: Readonly<Record<string, number>>;
  readonly load: { readonly kind: 'closed' } | { readonly kind: 'open'; readonly arrivals: string };
  readonly repetition: Required<NonNullable<ExperimentFile['repetition']>>;
  readonly seed: number;
  readonly stop: Required<StopRule> | null;
  readonly validity: Required<Validity>;
}

/** The values of each axis; one that is not there leaves each system its own. */
export interface ExperimentAxes {
  readonly workers: readonly number[];
  readonly n: readonly number[];
  readonly engine?: readonly Engine[];
  readonly transport?: readonly Transport[];
  readonly codec?: readonly Codec[];
  readonly kernel?: readonly Kernel[];
  readonly dispatch?: readonly Dispatch[];
  readonly collection?: readonly Collection[];
  readonly connections?: readonly Connections[];
  readonly values: readonly Values[];
  readonly split: readonly Split[];
  readonly service_ms: readonly number[];
  readonly in_flight?: readonly InFlight[];
  readonly rate_per_s?: readonly number[];
  readonly browser_flags: readonly BrowserFlags[];
  readonly browsers: readonly Browsers[];
  readonly attached: readonly boolean[];
}

/** What the command line puts in the place of what the file says. */
export interface Overrides {
  readonly systems?: readonly string[];
  readonly axes?: Axes;
  readonly launches?: number;
  readonly duration?: number;
  readonly seed?: number;
  readonly quick?: true;
}

const DEFAULT_AXES = {
  workers: '1,2,4',
  n: 128,
  values: 'real',
  split: 'none',
  service_ms: 0,
  browser_flags: 'none',
  browsers: 'shared',
  attached: false,
} as const;
const DEFAULT_REPETITION = { launches: 3, duration_s: 10, warm_up_limit_s: 10 };
const QUICK_REPETITION = { launches: 1, duration_s: 2 };
const DEFAULT_VALIDITY = {
  steal_share: 0.1,
  other_load_share: 0.2,
  closure_share: 0.05,
  wrong: 0,
};
/** A quick run is to show that all is well, on a machine that may be busy with other things. */
const QUICK_VALIDITY = { steal_share: 1, other_load_share: 1, closure_share: 1 };
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
): Experiment {
  const quick: ExperimentFile['quick'] = overrides.quick
    ? { repetition: QUICK_REPETITION, ...file.quick }
    : {};
  const given = { ...DEFAULT_AXES, ...file.axes, ...quick?.axes, ...overrides.axes } as Axes;
  const load = loadOf(file, overrides);
  if (overrides.axes?.rate_per_s !== undefined) delete given.in_flight;
  if (overrides.axes?.in_flight !== undefined) delete given.rate_per_s;
  inPlace(placeOf(['load']), () => checkLoad(load.kind, given));
  return {
    name,
    question: file.question,
    systems: overrides.systems
      ? inPlace('--systems', () => chooseSystems(overrides.systems, known))
      : inPlace(placeOf(['systems']), () => chooseSystems(file.systems, known)),
    axes: readAxes(given, (axis) =>
      overrides.axes?.[axis] === undefined
        ? placeOf([...(quick?.axes?.[axis] === undefined ? [] : ['quick']), 'axes', axis])
        : `--${axis.replaceAll('_', '-')}`,
    ),
    most_workers: inPlace(placeOf(['most_workers']), () => mostWorkersOf(file, known)),
    load: load.kind === 'open' ? { kind: 'open', arrivals: load.arrivals ?? 'poisson' } : load,
    repetition: {
      ...DEFAULT_REPETITION,
      ...file.repetition,
      ...quick?.repetition,
      ...(overrides.launches !== undefined && { launches: overrides.launches }),
      ...(overrides.duration !== undefined && { duration_s: overrides.duration }),
    },
    seed: overrides.seed ?? file.order?.seed ?? freshSeed,
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

function findSystem(name: string, known: readonly System[]): System {
  const system = known.find((candidate) => candidate.name === name);
  if (system !== undefined) return system;
  const all = known.map((candidate) => candidate.name);
  throw new UsageError(
    `there is no system '${name}'; expected some of ${all.join(', ')}${didYouMean(name, all)}`,
  );
}

function mostWorkersOf({ most_workers = {} }: ExperimentFile, known: readonly System[]) {
  for (const name of Object.keys(most_workers)) findSystem(name, known);
  return most_workers;
}

/** A rate on the command line opens a closed load, a number in flight closes an open one. */
function loadOf({ load }: ExperimentFile, { axes }: Overrides): ClosedLoad | OpenLoad {
  if (axes?.rate_per_s !== undefined) return load?.kind === 'open' ? load : { kind: 'open' };
  if (axes?.in_flight !== undefined) return { kind: 'closed' };
  return load ?? { kind: 'closed' };
}

function checkLoad(kind: 'closed' | 'open', axes: Axes): void {
  if (kind === 'open' && axes.rate_per_s === undefined) {
    throw new UsageError('an open load needs its rates: axes.rate_per_s, or --rate');
  }
  if (kind === 'closed' && axes.rate_per_s !== undefined) {
    throw new UsageError(
      `rate_per_s ${axes.rate_per_s} is of an open load; expected load.kind: open, or no rate`,
    );
  }
  if (kind === 'open' && axes.in_flight !== undefined) {
    throw new UsageError(
      `in_flight ${axes.in_flight} is of a closed load; expected load.kind: closed, or no in_flight`,
    );
  }
}

/** What `work` gives; its UsageError is told where the value came from. */
function inPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}

function readAxes(axes: Axes, placeOf: (axis: keyof Axes) => string): ExperimentAxes {
  for (const [axis, values] of Object.entries(axes)) {
    if (!Array.isArray(values) || values.length > 0) continue;
    throw new UsageError(
      `${placeOf(axis as keyof Axes)}: ${axis} is empty; expected a value of it`,
    );
  }
  return {
    workers: inPlace(placeOf('workers'), () => wholeNumbers(axes.workers ?? [], WORKER_COUNT)),
    n: inPlace(placeOf('n'), () => wholeNumbers(axes.n ?? [], MATRIX_ORDER)),
    ...listed('engine', axes.engine),
    ...listed('transport', axes.transport),
    ...listed('codec', axes.codec),
    ...listed('kernel', axes.kernel),
    ...listed('dispatch', axes.dispatch),
    ...listed('collection', axes.collection),
    ...listed('connections', axes.connections),
    values: asList(axes.values ?? DEFAULT_AXES.values),
    split: asList(axes.split ?? DEFAULT_AXES.split),
    service_ms: asList(axes.service_ms ?? DEFAULT_AXES.service_ms),
    ...listed('in_flight', axes.in_flight),
    ...listed('rate_per_s', axes.rate_per_s),
    browser_flags: asList(axes.browser_flags ?? DEFAULT_AXES.browser_flags),
    browsers: asList(axes.browsers ?? DEFAULT_AXES.browsers),
    attached: asList(axes.attached ?? DEFAULT_AXES.attached),
  };
}

function wholeNumbers(values: WholeNumbers, counted: Counted): number[] {
  return parseWholeNumbers(asList(values).join(','), counted);
}

function asList<T>(values: OneOrMore<T>): T[] {
  return Array.isArray(values) ? [...new Set(values)] : [values];
}

function listed<K extends string, T>(name: K, values: OneOrMore<T> | undefined) {
  return (values === undefined ? {} : { [name]: asList(values) }) as { [P in K]?: T[] };
}
