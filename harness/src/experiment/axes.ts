/**
 * The axes: everything that may vary from cell to cell, a row each. Files and their schema, flags, cells and
 * their keys, rows, summaries, tables and manifests are made from this table, in its order; an axis is added
 * by adding its row.
 */

import type { Refusable } from '../systems/rule.js';
import type { Axis } from './axis.js';
import {
  counts,
  names,
  OWN_NAMES,
  orName,
  rates,
  type ValueKind,
  wholeNumbers,
  YES_OR_NO,
} from './axis_values.js';
import { type FaultPlans, NO_FAULTS, planOf, whyNotFaulty } from './faults.js';
import { MATRIX_ORDER, WORKER_COUNT } from './ranges.js';
import {
  collectionOf,
  connectionsOf,
  engineOf,
  FIELD_VALUES,
  type System,
  topologyOf,
  transportOf,
} from './systems.js';

/** Which processors programs run on. */
export const PLACEMENTS = ['free', 'apart', 'together'] as const;

export const AXES = [
  {
    name: 'workers',
    field: 'workers',
    of: 'trial',
    title: 'workers',
    values: counts(WORKER_COUNT),
    default: '1,2,4',
    description: 'Worker counts: 4, "1..16", "1..16:3" (every third), or a list of these.',
    flag: {
      placeholder: 'counts',
      help: 'worker counts: 4, 1..16, 1..16:3 or 1,2,4',
      single: true,
    },
    key: (count: number) => `w${count}`,
  },
  {
    name: 'n',
    field: 'n',
    of: 'trial',
    title: 'order of the matrices, n',
    heading: 'n',
    values: counts(MATRIX_ORDER),
    default: 128,
    description: 'Order of the square matrices, written like worker counts.',
    flag: {
      placeholder: 'orders',
      help: 'orders of the square matrices: 128, or 64,256,512',
      single: true,
    },
    key: (order: number, varies: boolean) => (varies ? `n${order}` : undefined),
  },
  {
    name: 'engine',
    field: 'engine',
    of: 'system',
    title: 'engine',
    values: names(FIELD_VALUES.engine),
  },
  {
    name: 'topology',
    field: 'topology',
    of: 'system',
    title: 'topology',
    values: names(FIELD_VALUES.topology),
    flag: {
      placeholder: 'topologies',
      help: 'who stands between client and workers: nobody (direct), an HTTP front, or a coordinator (relayed)',
    },
    inSystem: topologyOf,
  },
  {
    name: 'transport',
    field: 'transport',
    of: 'system',
    title: 'transport',
    values: names(FIELD_VALUES.transport),
  },
  {
    name: 'codec',
    field: 'codec',
    of: 'system',
    title: 'codec',
    values: names(FIELD_VALUES.codec),
    flag: { placeholder: 'codecs', help: 'how matrices travel, where a system has a choice' },
  },
  {
    name: 'kernel',
    field: 'kernel',
    of: 'system',
    title: 'kernel',
    values: names(FIELD_VALUES.kernel),
    flag: { placeholder: 'kernels', help: 'the multiply loop' },
  },
  {
    name: 'dispatch',
    field: 'dispatch',
    of: 'system',
    title: 'dispatch',
    values: names(FIELD_VALUES.dispatch),
    flag: { placeholder: 'ways', help: 'how a worker gets its next task' },
  },
  {
    name: 'collection',
    field: 'collection',
    of: 'system',
    title: 'collection',
    values: names(FIELD_VALUES.collection),
    nullable: true,
    flag: { placeholder: 'ways', help: 'how a REST client learns that its product is ready' },
    inSystem: collectionOf,
  },
  {
    name: 'connections',
    field: 'connections',
    of: 'system',
    title: 'connections',
    values: names(FIELD_VALUES.connections),
    nullable: true,
    flag: {
      placeholder: 'uses',
      help: 'whether a connection of the client serves one request or many',
    },
    inSystem: connectionsOf,
  },
  {
    name: 'values',
    field: 'values',
    of: 'trial',
    title: 'values',
    values: names(['real', 'integer']),
    default: 'real',
    description:
      'What the matrices hold: any numbers, or whole ones from 0 to 9, as in the original. Default: real.',
    flag: { placeholder: 'kinds', help: 'what matrices hold: any numbers, or whole ones, 0 to 9' },
    unfit: ({ kernel }: System, value: string) =>
      kernel === 'origin' && value !== 'integer'
        ? 'kernel origin multiplies only whole numbers; expected integer'
        : undefined,
    cure: 'give --values integer, or leave out the kernel or the system',
  },
  {
    name: 'split',
    field: 'split',
    of: 'trial',
    title: 'split',
    values: names(['none', 'rows', 'grid']),
    default: 'none',
    description:
      'How each multiplication is split into as many tiles as workers, blocks of rows or of rows and columns. Default: none, a single task.',
    flag: { placeholder: 'shapes', help: 'split each multiplication into a tile per worker' },
    unfit: refusing('split'),
  },
  {
    name: 'service_ms',
    field: 'serviceMs',
    of: 'trial',
    title: 'service time',
    unit: 'ms',
    heading: 'service ms',
    values: wholeNumbers(0, 20_000),
    default: 0,
    description:
      'Minimum time in milliseconds for which a worker holds each task (clients give up after 30 s): it computes, then waits idle, so that there may be more workers than cores. Default: 0.',
    flag: { placeholder: 'times', help: 'minimum time for which a worker holds each task, in ms' },
    unfit: refusing('service_ms'),
    key: (ms: number, varies: boolean) => (varies ? `service=${ms}ms` : undefined),
    note: {
      text: (ms: number) => (ms > 0 ? `service time ${ms} ms` : undefined),
      means:
        'service time: workers hold each task for at least this long, mostly waiting, which counts as compute; so there may be more workers than cores.',
    },
  },
  {
    name: 'in_flight',
    field: 'inFlight',
    of: 'closed load',
    title: 'requests in flight',
    heading: 'in flight',
    values: orName('per-worker', wholeNumbers(1, 4096)),
    implied: 'per-worker',
    nullable: true,
    description:
      'Total number of requests in flight; "per-worker": one per worker. For a closed load. Default: per-worker.',
    flag: { placeholder: 'count', help: 'total number of requests kept in flight', single: true },
    inRow: (inFlight: number | 'per-worker', { workers }: { readonly workers: number }) =>
      inFlight === 'per-worker' ? workers : inFlight,
  },
  {
    name: 'rate_per_s',
    field: 'ratePerS',
    of: 'open load',
    title: 'offered rate',
    unit: '1/s',
    heading: 'offered/s',
    values: rates(1e6),
    nullable: true,
    description: 'Arrivals per second. For an open load.',
    flag: {
      long: '--rate',
      placeholder: 'per second',
      help: 'arrival rates of an open load, instead of --in-flight',
    },
    key: (rate: number, varies: boolean) => (varies ? `rate=${rate}` : undefined),
  },
  {
    name: 'faults',
    field: 'faults',
    of: 'trial',
    title: 'faults',
    values: OWN_NAMES,
    default: NO_FAULTS,
    description:
      'What is done to the system while it is measured: plans that `faults` of the experiment defines, or none. Default: none.',
    flag: {
      placeholder: 'plans',
      help: 'what is done to the system: plans of the experiment, or none',
    },
    unfit: (system: System, name: string, plans: FaultPlans) =>
      whyNotFaulty(system, planOf({ faults: name }, plans)),
    key: (name: string, varies: boolean) =>
      name === NO_FAULTS && !varies ? undefined : `faults=${name}`,
  },
  {
    name: 'lease_s',
    field: 'leaseS',
    of: 'trial',
    title: 'lease',
    unit: 's',
    values: wholeNumbers(0, 3600),
    default: 0,
    description:
      'For how many seconds a worker of a coordinator may hold a task before another worker gets it; 0: for as long as a coordinator has it by itself. Of no effect without a coordinator. Default: 0.',
    flag: {
      placeholder: 'times',
      help: "for how long a coordinator's worker may hold a task, in s; 0: the coordinator's default",
    },
    key: (leaseS: number, varies: boolean) => (varies ? `lease=${leaseS}s` : undefined),
  },
  {
    name: 'verify',
    field: 'verify',
    of: 'trial',
    title: 'verification',
    values: names(['off', 'sample', 'all']),
    default: 'off',
    description:
      'Which products a coordinator or an HTTP front verifies (all, one in 16: sample, or none: off) before it hands them on; the load generator compares all that it gets with a reference in any case. Of no effect with topology direct. Default: off.',
    flag: {
      placeholder: 'which',
      help: 'which products a coordinator or an HTTP front verifies: off, sample or all',
    },
    key: (which: string, varies: boolean) =>
      which === 'off' && !varies ? undefined : `verify=${which}`,
  },
  {
    name: 'journal',
    field: 'journal',
    of: 'trial',
    title: 'journal',
    values: names(['none', 'normal', 'full']),
    default: 'none',
    description:
      'Whether a coordinator keeps tasks and products in a journal on the disk of the results, and how soon it is written out (normal, or full: before anything is answered); REST clients then repeat what was not answered, under a key. Of no effect without a coordinator. Default: none.',
    flag: {
      placeholder: 'which',
      help: "a coordinator's journal: none, or how it is synchronised, normal or full",
    },
    key: (sync: string, varies: boolean) =>
      sync === 'none' && !varies ? undefined : `journal=${sync}`,
  },
  {
    name: 'pin',
    field: 'pin',
    of: 'trial',
    title: 'placement',
    values: names(PLACEMENTS),
    default: 'free',
    description:
      'On which processors programs run: the kernel decides (free); load generator, coordinator or front, and workers on processors of their own (apart); everything on the first (together). Default: free.',
    flag: {
      placeholder: 'how',
      help: 'which processors programs run on: free, apart (each part its own), or together (one)',
    },
    unfit: refusing('pin'),
    key: (pin: string, varies: boolean) => (pin === 'free' && !varies ? undefined : `pin=${pin}`),
  },
  {
    name: 'browser_flags',
    field: 'browserFlags',
    of: 'trial',
    title: 'browser flags',
    values: names(['none', 'revectorize', 'no-liftoff']),
    default: 'none',
    description:
      "Flags that the browser is started with on top of its defaults: none, or one of the sets in README.md, with which the figures are not those of a user's browser. Default: none.",
    flag: {
      placeholder: 'sets',
      help: 'non-default flags for the browser; results are labelled as such',
    },
    unfit: refusing('browser_flags'),
    key: (flags: string) => (flags === 'none' ? undefined : `non-default-flags=${flags}`),
    namesSystem: true,
    note: {
      text: (flags: string) =>
        flags === 'none' ? undefined : `non-default browser flags: ${flags}`,
      means:
        "non-default browser flags: not what a user's browser does by default (--browser-flags).",
    },
  },
  {
    name: 'browsers',
    field: 'browsers',
    of: 'trial',
    title: 'browsers',
    values: names(['shared', 'per-worker']),
    default: 'shared',
    description: 'One browser with a context per worker, or a browser per worker. Default: shared.',
    flag: {
      placeholder: 'how',
      help: 'one browser with a context per worker, or a browser per worker',
      single: true,
    },
    unfit: refusing('browser_flags'),
    namesSystem: true,
  },
  {
    name: 'attached',
    field: 'attached',
    of: 'trial',
    title: 'attached',
    values: YES_OR_NO,
    default: false,
    description:
      'Whether Playwright stays attached to the worker pages, which slows them down. Default: false.',
    flag: {
      help: 'keep Playwright attached to the worker pages, to measure what that costs',
    },
    unfit: refusing('browser_flags'),
    namesSystem: true,
  },
] as const satisfies readonly Axis[];

/** Why the engine or the transport of a system cannot do what an axis asks for. */
function refusing(axis: Refusable): (system: System) => string | undefined {
  return (system) => transportOf(system).refuses[axis] ?? engineOf(system).refuses[axis];
}

/** Any of the axes. */
export type Row = (typeof AXES)[number];
export type ValueOf<A> = A extends { values: ValueKind<infer V> } ? V : never;
export type OrNull<A> = A extends { nullable: true } ? null : never;

export type AxisName = Row['name'];

/** A value of the axis of that name. */
export type AxisValue<N extends AxisName> = ValueOf<Extract<Row, { name: N }>>;

/** What a cell has of each axis that is not a field of its system. */
export type CellValues = {
  readonly [A in Exclude<Row, { of: 'system' }> as A['field']]: ValueOf<A> | OrNull<A>;
};

/** The values of each axis in an experiment; one that is not there leaves each system its own. */
export type ExperimentAxes = {
  readonly [A in Extract<Row, { default: unknown }> as A['name']]: readonly ValueOf<A>[];
} & {
  readonly [A in Exclude<Row, { default: unknown }> as A['name']]?: readonly ValueOf<A>[];
};

/** What an experiment has of the axes when it says nothing of them. */
export function defaultAxes(axes: readonly Axis[] = AXES): ExperimentAxes {
  const values = axes.flatMap(({ name, values, default: written }) =>
    written === undefined ? [] : [[name, values.read(written)]],
  );
  return Object.fromEntries(values) as ExperimentAxes;
}
