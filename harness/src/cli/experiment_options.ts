/** The options of run and plan, which go before what the file of the experiment holds. */
import type { Command } from 'commander';
import { UsageError } from '../base/errors.js';
import { DEFAULT_EXPERIMENT } from '../experiment/catalogue.js';
import { AXIS_VALUES, type Overrides } from '../experiment/experiment.js';
import type { Axes } from '../experiment/file.js';
import { MATRIX_ORDER, WORKER_COUNT } from '../experiment/ranges.js';
import { FIELD_VALUES } from '../experiment/systems.js';
import type { CommonFlags } from './flags.js';
import {
  counts,
  list,
  oneOf,
  rates,
  seconds,
  serviceTimes,
  someOf,
  wholeNumber,
} from './values.js';

/** As commander hands them over. */
export interface ExperimentOptions extends CommonFlags {
  readonly workers?: string;
  readonly systems?: readonly string[];
  readonly n?: string;
  readonly duration?: number;
  readonly launches?: number;
  readonly seed?: number;
  readonly inFlight?: number;
  readonly rate?: readonly number[];
  readonly codec?: Axes['codec'];
  readonly kernel?: Axes['kernel'];
  readonly dispatch?: Axes['dispatch'];
  readonly collection?: Axes['collection'];
  readonly connections?: Axes['connections'];
  readonly values?: Axes['values'];
  readonly split?: Axes['split'];
  readonly serviceMs?: readonly number[];
  readonly browserFlags?: Axes['browser_flags'];
  readonly browsers?: Axes['browsers'];
  readonly attached?: true;
  readonly quick?: true;
}

export function withExperimentOptions(command: Command): Command {
  const { codec, kernel, dispatch, collection, connections } = FIELD_VALUES;
  const { values, split, browser_flags, browsers } = AXIS_VALUES;
  return command
    .argument('[experiment]', `a name of experiments/, or a file (default: ${DEFAULT_EXPERIMENT})`)
    .option('--workers <counts>', 'worker counts: 4, 1..16, 1..16:3 or 1,2,4', counts(WORKER_COUNT))
    .option('--systems <names>', 'systems of experiments/systems.yaml', list)
    .option(
      '--n <orders>',
      'orders of the square matrices: 128, or 64,256,512',
      counts(MATRIX_ORDER),
    )
    .option('--duration <time>', 'measured time of each trial: 10, 10s, 500ms, 2min', seconds)
    .option('--launches <count>', 'fresh launches of each cell', wholeNumber(1, 1000))
    .option('--quick', 'one short launch of each cell: to see that all is well, not to conclude')
    .option('--in-flight <count>', 'requests kept in flight in all', wholeNumber(1, 4096))
    .option('--rate <per second>', 'arrival rates of an open load, in place of --in-flight', rates)
    .addOption(someOf('--codec <codecs>', 'how matrices travel, where there is a choice', codec))
    .addOption(someOf('--kernel <kernels>', 'the multiply loop', kernel))
    .addOption(someOf('--dispatch <ways>', 'how a worker gets its next task', dispatch))
    .addOption(
      someOf('--collection <ways>', 'how a client of REST learns of its product', collection),
    )
    .addOption(
      someOf(
        '--connections <uses>',
        'whether a connection serves one request or many',
        connections,
      ),
    )
    .addOption(
      someOf('--values <kinds>', 'what matrices hold: any numbers, or whole ones, 0 to 9', values),
    )
    .addOption(
      someOf('--split <shapes>', 'split each multiplication into a tile per worker', split),
    )
    .option('--service-ms <times>', 'for how long a worker holds each task, at least', serviceTimes)
    .addOption(
      someOf(
        '--browser-flags <sets>',
        'what browsers do not do by default, and so labelled',
        browser_flags,
      ),
    )
    .addOption(
      oneOf(
        '--browsers <how>',
        'one browser with a context per worker, or a browser per worker',
        browsers,
      ),
    )
    .option(
      '--attached',
      'let Playwright stay attached to the worker pages, to measure what that costs',
    )
    .option(
      '--seed <number>',
      'of the order of the trials and of the matrices (default: a fresh one)',
      wholeNumber(0, 2 ** 32 - 1),
    )
    .option('--json', 'print JSON on stdout in place of text');
}

/**
 * Only what was given: the rest is the file's. Throws UsageError when two of them contradict each
 * other.
 */
export function overridesOf(options: ExperimentOptions): Overrides {
  const { workers, n, inFlight, rate, codec, kernel, dispatch, collection, connections } = options;
  const { values, split, serviceMs, browserFlags, browsers, attached } = options;
  if (rate !== undefined && inFlight !== undefined) {
    throw new UsageError(
      `--rate ${rate.join(',')} and --in-flight ${inFlight} contradict each other: requests arrive at a rate (open load), or so many are kept in flight (closed load); give one of the two`,
    );
  }
  const axes = withoutUndefined({
    workers,
    n,
    in_flight: inFlight,
    rate_per_s: rate,
    codec,
    kernel,
    dispatch,
    collection,
    connections,
    values,
    split,
    service_ms: serviceMs,
    browser_flags: browserFlags,
    browsers,
    attached,
  }) as Axes;
  const { systems, launches, duration, seed, quick } = options;
  return withoutUndefined({
    systems,
    launches,
    duration,
    seed,
    quick,
    axes: Object.keys(axes).length > 0 ? axes : undefined,
  }) as Overrides;
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
