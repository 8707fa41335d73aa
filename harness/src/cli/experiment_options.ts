/** The options of run and plan, which go before what the file of the experiment holds. */
import { type Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { AXES } from '../experiment/axes.js';
import type { Axis } from '../experiment/axis.js';
import { DEFAULT_EXPERIMENT } from '../experiment/catalogue.js';
import type { Overrides } from '../experiment/experiment.js';
import type { Axes } from '../experiment/file.js';
import type { CommonFlags } from './request.js';
import { list, optionOf, seconds, wholeNumber } from './values.js';

/** As commander hands them over, those of the axes among them. */
export interface ExperimentOptions extends CommonFlags {
  readonly systems?: readonly string[];
  readonly over?: string;
  readonly duration?: number;
  readonly samples?: number;
  readonly launches?: number;
  readonly seed?: number;
  readonly duet?: true;
  readonly quick?: true;
}

/** What most people give comes first, the other axes after it. */
export function withExperimentOptions(command: Command, axes: readonly Axis[] = AXES): Command {
  const [workers, n, ...others] = withFlags(axes).map(optionOf) as [Option, Option, ...Option[]];
  command
    .argument('[experiment]', `a name of experiments/, or a file (default: ${DEFAULT_EXPERIMENT})`)
    .addOption(workers)
    .option('--systems <names>', 'systems of experiments/systems.yaml', list)
    .addOption(overOption())
    .addOption(n)
    .option('--duration <time>', 'measured time of each trial: 10, 10s, 500ms, 2min', seconds)
    .option(
      '--samples <count>',
      'end the measurement of a trial after this many requests, if that is sooner',
      wholeNumber(10, 1_000_000_000),
    )
    .option('--launches <count>', 'fresh launches of each cell', wholeNumber(1, 1000))
    .option(
      '--quick',
      'one short launch of each cell: to see that everything works, not to draw conclusions',
    );
  for (const option of others) command.addOption(option);
  return command
    .option(
      '--duet',
      'measure two systems at the same time, each on half of the processors, for smaller differences',
    )
    .option(
      '--seed <number>',
      'seed of the order of the trials and of the matrices (default: a new one)',
      wholeNumber(0, 2 ** 32 - 1),
    )
    .option('--json', 'print JSON on stdout instead of text');
}

/** Of commands that compare the systems of a run with one of them. */
export function overOption(): Option {
  return new Option(
    '--over <system>',
    "the system that the others are compared with (default: the experiment's)",
  );
}

/** The axes that have a flag: how many and how large, then the load, then what is special. */
function withFlags(axes: readonly Axis[]): Axis[] {
  const flagged = axes.filter(({ flag }) => flag !== undefined);
  const rank = ({ name, of }: Axis) => {
    if (name === 'workers' || name === 'n') return 0;
    return of.endsWith('load') ? 1 : 2;
  };
  return flagged.sort((a, b) => rank(a) - rank(b));
}

/**
 * Only what was given: the rest is the file's. Throws UsageError when two of them contradict each
 * other.
 */
export function overridesOf(options: ExperimentOptions, table: readonly Axis[] = AXES): Overrides {
  const given = options as unknown as Readonly<Record<string, Axes[string] | undefined>>;
  const axes = withoutUndefined(
    Object.fromEntries(
      withFlags(table).map((axis) => [axis.name, given[optionOf(axis).attributeName()]]),
    ),
  ) as Axes;
  checkLoad(axes);
  const { systems, over, launches, duration, samples, seed, duet, quick } = options;
  return withoutUndefined({
    systems,
    over,
    launches,
    duration,
    samples,
    seed,
    duet,
    quick,
    axes: Object.keys(axes).length > 0 ? axes : undefined,
  }) as Overrides;
}

function checkLoad({ rate_per_s: rate, in_flight: inFlight }: Axes): void {
  if (rate === undefined || inFlight === undefined) return;
  throw new UsageError(
    `--rate ${rate} and --in-flight ${inFlight} contradict each other: requests arrive at a rate (open load), or a fixed number is kept in flight (closed load); give one of the two`,
  );
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
