import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { messageOf, UsageError } from './errors.js';
import type { Browsers } from './experiment/experiment.js';
import { parseWorkerCounts } from './experiment/ranges.js';
import { type Codec, KERNELS, type Kernel } from './experiment/systems.js';

/**
 * What the command line said. Only what has a default that does not depend on the rest is always
 * there.
 */
export interface Flags {
  readonly workers: readonly number[];
  readonly systems?: readonly string[];
  readonly n?: number;
  readonly duration?: number;
  readonly launches?: number;
  readonly seed?: number;
  readonly inFlight?: number;
  readonly codec?: Codec;
  readonly kernel?: Kernel;
  readonly browsers: Browsers;
  readonly browserPath?: string;
  readonly attached?: true;
  readonly quick?: true;
  readonly out?: string;
  readonly build?: string;
  readonly metricsPort?: number;
  readonly prometheus?: true;
}

const EXAMPLES = `
Examples:
  $ ./run-experiment --workers 1..4 --quick
      every system with 1 to 4 workers, one short launch of each, in about a minute
  $ ./run-experiment --workers 1..16:3
      1, 4, 7, 10, 13 and 16 workers, three launches of each
  $ ./run-experiment --systems rest-wasm --workers 1,2,4 --codec binary
      the browser system alone, with binary bodies in place of JSON
  $ ./run-experiment --n 512 --duration 30
      larger matrices, and half a minute of each cell
  $ ./run-experiment --systems rest-wasm --workers 1 --attached
      what it costs a worker page that Playwright drives it

Each cell (system × workers) is measured in fresh processes and a fresh browser. The table goes to
stdout, progress to stderr, everything else to a new folder that results/README.md explains.

Exit codes: 0 done; 1 something failed or a trial is invalid; 2 wrong usage; 130 interrupted (what
was measured is kept).`;

/**
 * Reads the command line (without the program's own name). Prints the help and returns null when it
 * was asked for. Throws UsageError, in one line with the offending value, when something in it is
 * wrong.
 */
export function parseFlags(argv: readonly string[], print: (text: string) => void): Flags | null {
  const command = describeCommand(print);
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  }
  const [unexpected] = command.args;
  if (unexpected !== undefined)
    throw new UsageError(`'${unexpected}' is no flag; --help shows them`);
  return command.opts<Flags>();
}

function describeCommand(print: (text: string) => void): Command {
  return new Command('run-experiment')
    .description(
      'Measures distributed matrix multiplication, native and in browsers, side by side.',
    )
    .addOption(
      new Option('--workers <counts>', 'worker counts: 4, 1..16, 1..16:3 or 1,2,4')
        .default([1, 2, 4], '1,2,4')
        .argParser((text: string) => asInvalidArgument(() => parseWorkerCounts(text))),
    )
    .option('--systems <names>', 'systems of experiments/systems.yaml (default: all)', parseNames)
    .option('--n <order>', 'order of the square matrices (default: 128)', wholeNumber(1, 8192))
    .option(
      '--duration <seconds>',
      'measured time of each trial (default: 10; 2 with --quick)',
      parseSeconds,
    )
    .option(
      '--launches <count>',
      'fresh launches of each cell (default: 3; 1 with --quick)',
      wholeNumber(1, 1000),
    )
    .option('--quick', 'one short launch of each cell: to see that all is well, not to conclude')
    .option(
      '--in-flight <count>',
      'requests kept in flight in all (default: one per worker)',
      wholeNumber(1, 4096),
    )
    .addOption(
      new Option(
        '--codec <codec>',
        'how matrices travel over REST (default: as the system says)',
      ).choices(['json', 'binary']),
    )
    .addOption(
      new Option('--kernel <kernel>', 'the multiply loop (default: as the system says)').choices([
        ...KERNELS,
      ]),
    )
    .addOption(
      new Option(
        '--browsers <how>',
        'one browser with a context per worker, or a browser per worker',
      )
        .choices(['shared', 'per-worker'])
        .default('shared'),
    )
    .option(
      '--browser-path <file>',
      'the Chromium to use (default: chromium-headless-shell on PATH)',
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
    .option('--out <folder>', 'where the folder of the run is made (default: results/)')
    .addOption(
      new Option('--build <folder>', 'where the programs were built (default: build/)').env(
        'ENXAME_BUILD',
      ),
    )
    .option(
      '--metrics-port <port>',
      'answer GET /metrics there while the run goes on, 0 for any free port',
      wholeNumber(0, 65_535),
    )
    .option('--prometheus', 'start a Prometheus that watches the run, and ends with it')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(true)
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .exitOverride();
}

function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Expected names separated by commas.');
  return [...new Set(names)];
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.1 || seconds > 86_400) {
    throw new InvalidArgumentError('Expected seconds from 0.1 to 86400.');
  }
  return seconds;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function asInvalidArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
