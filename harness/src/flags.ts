import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { messageOf, UsageError } from './errors.js';
import { DEFAULT_EXPERIMENT } from './experiment/catalogue.js';
import type { Overrides } from './experiment/experiment.js';
import type { Axes } from './experiment/file.js';
import { MATRIX_ORDER, parseWholeNumbers, WORKER_COUNT } from './experiment/ranges.js';
import type { MetricsWish } from './metrics/service.js';

/** Where things are, and how to print. */
export interface CommonFlags {
  readonly json: boolean;
  readonly out?: string;
  readonly build?: string;
  readonly browserPath?: string;
}

export interface ExperimentRequest extends CommonFlags {
  readonly command: 'run' | 'plan';
  /** A name of experiments/, or a file. */
  readonly experiment: string;
  readonly overrides: Overrides;
  readonly metrics?: MetricsWish;
}

export interface ListRequest extends CommonFlags {
  readonly command: 'list';
}

/** Of the folder of a run. */
export interface RunRequest extends CommonFlags {
  readonly command: 'report' | 'verify';
  readonly run: string;
}

export interface ResumeRequest extends CommonFlags {
  readonly command: 'resume';
  readonly run: string;
  readonly metrics?: MetricsWish;
}

export interface CompareRequest extends CommonFlags {
  readonly command: 'compare';
  readonly before: string;
  readonly after: string;
  /** Ratios closer to 1 count as equivalent. */
  readonly margin: number;
  readonly anyMachine: boolean;
}

export interface DoctorRequest extends CommonFlags {
  readonly command: 'doctor';
  readonly seconds: number;
  readonly null: boolean;
  readonly seed?: number;
}

export interface CompletionRequest extends CommonFlags {
  readonly command: 'completion';
  /** The name of a file in setup/completion/. */
  readonly shell: 'bash' | 'zsh';
}

/** What the command line asks for. */
export type Request =
  | CompletionRequest
  | ExperimentRequest
  | ListRequest
  | RunRequest
  | ResumeRequest
  | CompareRequest
  | DoctorRequest;

const EXAMPLES = `
Examples:
  $ ./run-experiment --workers 1..4 --quick
      the experiment scaling with 1 to 4 workers, one short launch of each, in about a minute
  $ ./run-experiment plan overhead
      every trial that the experiment overhead would run, and how long it would take
  $ ./run-experiment resume results/20250131T235959Z-1a2b3c
      goes on with a run that was interrupted

\`./run-experiment COMMAND --help\` explains each, with an example. A command that is left out is run.

Exit codes: 0 done; 1 something failed or a trial is invalid; 2 wrong usage; 3 a cell of compare is
slower; 4 too noisy to tell; 130 interrupted (what was measured is kept).`;

/**
 * Reads the command line (without the program's own name). Prints the help and returns null when it
 * was asked for. Throws UsageError, in one line with the offending value, when something in it is
 * wrong.
 */
export function parseFlags(argv: readonly string[], print: (text: string) => void): Request | null {
  let request: Request | null = null;
  const program = describeProgram((parsed) => {
    request = parsed;
  });
  for (const command of [program, ...program.commands]) {
    command
      .helpOption('-h, --help', 'show this')
      .configureOutput({ writeOut: print, writeErr: () => undefined })
      .exitOverride();
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  }
  return request;
}

type Accept = (request: Request) => void;

/** All commands and their options; `accept` gets what was asked for when one is parsed. */
export function describeProgram(accept: Accept): Command {
  const program = new Command('run-experiment').description(
    'Measures distributed matrix multiplication, native and in browsers, side by side.',
  );
  const run = describeRun(accept);
  program.addCommand(run, { isDefault: true });
  program.addCommand(describePlan(accept));
  program.addCommand(describeList(accept));
  program.addCommand(describeResume(accept));
  program.addCommand(describeReport(accept));
  program.addCommand(describeVerify(accept));
  program.addCommand(describeCompare(accept));
  program.addCommand(describeDoctor(accept));
  program.addCommand(describeCompletion(accept));
  return program.helpCommand(false).addHelpText('after', () => {
    return `\nOptions of run and plan:\n${optionsOf(run)}\n${EXAMPLES}`;
  });
}

/** The options of a command, as its own help shows them. */
function optionsOf(command: Command): string {
  const help = command.createHelp();
  const width = help.padWidth(command, help);
  return help
    .visibleOptions(command)
    .map(
      (option) => `  ${help.optionTerm(option).padEnd(width)}  ${help.optionDescription(option)}`,
    )
    .join('\n');
}

function describeRun(accept: Accept): Command {
  return withMetrics(withExperimentOptions(new Command('run')))
    .description('runs an experiment (the default command)')
    .addHelpText('after', example('./run-experiment run scaling --workers 1..16:3 --launches 5'))
    .action((experiment: string, options: ExperimentOptions & MetricsWish) => {
      const overrides = overridesOf(options);
      const given = { ...common(options), ...metricsOf(options) };
      accept({ command: 'run', experiment, ...given, overrides });
    });
}

function describePlan(accept: Accept): Command {
  return withExperimentOptions(new Command('plan'))
    .description('shows every trial of an experiment and how long it would take; runs nothing')
    .addHelpText('after', example('./run-experiment plan overhead --n 64,512 --json'))
    .action((experiment: string, options: ExperimentOptions) => {
      accept({ command: 'plan', experiment, ...common(options), overrides: overridesOf(options) });
    });
}

function describeList(accept: Accept): Command {
  return withJson(new Command('list'))
    .description('lists the experiments and the systems')
    .addHelpText('after', example('./run-experiment list'))
    .action((options: CommonFlags) => accept({ command: 'list', ...common(options) }));
}

function describeResume(accept: Accept): Command {
  return withMetrics(withPlaces(withJson(new Command('resume'))))
    .argument('<run>', 'the folder of a run that ended early')
    .description('goes on with a run after a crash, Ctrl-C or a power cut')
    .addHelpText('after', example('./run-experiment resume results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags & MetricsWish) => {
      accept({ command: 'resume', run, ...common(options), ...metricsOf(options) });
    });
}

function describeReport(accept: Accept): Command {
  return withJson(new Command('report'))
    .argument('<run>', 'the folder of a run')
    .description('makes the tables, the figures and a page of its own of a run')
    .addHelpText('after', example('./run-experiment report results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags) => {
      accept({ command: 'report', run, ...common(options) });
    });
}

function describeVerify(accept: Accept): Command {
  return withJson(new Command('verify'))
    .argument('<run>', 'the folder of a run')
    .description(
      "checks a run's files against their hashes, its numbers and claims against its samples",
    )
    .addHelpText('after', example('./run-experiment verify results/reference/scaling'))
    .action((run: string, options: CommonFlags) => {
      accept({ command: 'verify', run, ...common(options) });
    });
}

function describeCompare(accept: Accept): Command {
  return withJson(new Command('compare'))
    .argument('<before>', 'the folder of a run')
    .argument('<after>', 'the folder of another')
    .description('says of each cell of two runs whether it became faster or slower')
    .option('--margin <share>', 'ratios closer to 1 than this count as equivalent', share, 0.05)
    .option('--any-machine', 'compare runs of machines, programs or versions that differ')
    .addHelpText(
      'after',
      example('./run-experiment compare results/BEFORE results/AFTER --margin 0.03'),
    )
    .action((before: string, after: string, options: CommonFlags & CompareOptions) => {
      const { margin, anyMachine = false } = options;
      accept({ command: 'compare', before, after, margin, anyMachine, ...common(options) });
    });
}

interface CompareOptions {
  readonly margin: number;
  readonly anyMachine?: true;
}

function describeDoctor(accept: Accept): Command {
  return withPlaces(withJson(new Command('doctor')))
    .description('says what this machine will do to the numbers')
    .option('--seconds <time>', 'how long to watch the machine, or to measure with --null', seconds)
    .option(
      '--null',
      'compares the same with the same through the whole pipeline: how often it sees a difference, and the smallest that it could',
    )
    .option('--seed <number>', 'of --null (default: a fresh one)', wholeNumber(0, 2 ** 32 - 1))
    .addHelpText('after', example('./run-experiment doctor --null --seconds 300'))
    .action((options: CommonFlags & DoctorOptions) => {
      const { null: isNull = false, seed } = options;
      accept({
        command: 'doctor',
        null: isNull,
        seconds: options.seconds ?? (isNull ? 300 : 5),
        ...(seed !== undefined && { seed }),
        ...common(options),
      });
    });
}

function describeCompletion(accept: Accept): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'the shell to complete words in').choices(['bash', 'zsh']))
    .description('prints what makes a shell complete these words')
    .addHelpText('after', example('source <(./run-experiment completion bash)'))
    .action((shell: CompletionRequest['shell']) =>
      accept({ command: 'completion', shell, ...common({}) }),
    );
}

interface DoctorOptions {
  readonly seconds?: number;
  readonly null?: true;
  readonly seed?: number;
}

interface ExperimentOptions extends CommonFlags {
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

function withExperimentOptions(command: Command): Command {
  command
    .argument('[experiment]', 'a name of experiments/, or a file', DEFAULT_EXPERIMENT)
    .option('--workers <counts>', 'worker counts: 4, 1..16, 1..16:3 or 1,2,4', (text: string) =>
      checked(text, WORKER_COUNT),
    )
    .option('--systems <names>', 'systems of experiments/systems.yaml', list)
    .option('--n <orders>', 'orders of the square matrices: 128, or 64,256,512', (text: string) =>
      checked(text, MATRIX_ORDER),
    )
    .option('--duration <time>', 'measured time of each trial: 10, 10s, 500ms, 2min', duration)
    .option('--launches <count>', 'fresh launches of each cell', wholeNumber(1, 1000))
    .option('--quick', 'one short launch of each cell: to see that all is well, not to conclude')
    .option('--in-flight <count>', 'requests kept in flight in all', wholeNumber(1, 4096))
    .option('--rate <per second>', 'arrival rates of an open load, in place of --in-flight', rates)
    .option('--codec <codecs>', 'how matrices travel, of systems that have a choice', list)
    .option('--kernel <kernels>', 'the multiply loop', list)
    .option('--dispatch <ways>', 'how a worker gets its next task', list)
    .option('--collection <ways>', 'how a client of REST learns of its product', list)
    .option('--connections <uses>', 'whether a connection serves one request or many', list)
    .option(
      '--values <kinds>',
      'what matrices hold: real, or integer (0 to 9)',
      among('real', 'integer'),
    )
    .option(
      '--split <shapes>',
      'split each multiplication into a tile per worker: none, rows, grid',
      among('none', 'rows', 'grid'),
    )
    .option('--service-ms <times>', 'for how long a worker holds each task, at least', serviceTimes)
    .option(
      '--browser-flags <sets>',
      'none, revectorize or no-liftoff: what browsers do not do by default, and so labelled',
      among('none', 'revectorize', 'no-liftoff'),
    )
    .addOption(
      new Option(
        '--browsers <how>',
        'one browser with a context per worker, or a browser per worker',
      ).choices(['shared', 'per-worker']),
    )
    .option(
      '--attached',
      'let Playwright stay attached to the worker pages, to measure what that costs',
    )
    .option(
      '--seed <number>',
      'of the order of the trials and of the matrices (default: a fresh one)',
      wholeNumber(0, 2 ** 32 - 1),
    );
  return withPlaces(withJson(command));
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout in place of text');
}

function withMetrics(command: Command): Command {
  return command
    .option(
      '--metrics-port <port>',
      'answer GET /metrics there while the run goes on, 0 for any free port',
      wholeNumber(0, 65_535),
    )
    .option('--prometheus', 'start a Prometheus that watches the run, and ends with it');
}

function metricsOf({ metricsPort, prometheus }: MetricsWish): { metrics?: MetricsWish } {
  const metrics: MetricsWish = withoutUndefined({ metricsPort, prometheus });
  return Object.keys(metrics).length > 0 ? { metrics } : {};
}

function withPlaces(command: Command): Command {
  return command
    .option('--out <folder>', 'where the folder of the run is made (default: results/)')
    .option(
      '--browser-path <file>',
      'the Chromium to use (default: chromium-headless-shell on PATH)',
    )
    .addOption(
      new Option('--build <folder>', 'where the programs were built (default: build/)').env(
        'ENXAME_BUILD',
      ),
    );
}

function common({ json = false, out, build, browserPath }: Partial<CommonFlags>): CommonFlags {
  return {
    json,
    ...(out !== undefined && { out }),
    ...(build !== undefined && { build }),
    ...(browserPath !== undefined && { browserPath }),
  };
}

/** Only what was given: the rest is the file's. */
function overridesOf(options: ExperimentOptions): Overrides {
  const { workers, n, inFlight, rate, codec, kernel, dispatch, collection, connections } = options;
  const { values, split, serviceMs, browserFlags, browsers, attached } = options;
  const axes = {
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
  };
  const { systems, launches, duration, seed, quick } = options;
  const given = withoutUndefined(axes) as Axes;
  return withoutUndefined({
    systems,
    launches,
    duration,
    seed,
    quick,
    axes: Object.keys(given).length > 0 ? given : undefined,
  }) as Overrides;
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Expected names separated by commas.');
  return [...new Set(names)];
}

/** Reads a list of these names. */
function among(...known: string[]): (text: string) => string[] {
  return (text) => {
    const names = list(text);
    if (names.every((name) => known.includes(name))) return names;
    throw new InvalidArgumentError(`Expected some of ${known.join(', ')}.`);
  };
}

function serviceTimes(text: string): number[] {
  return list(text).map((part) => wholeNumber(0, 20_000)(part));
}

function rates(text: string): number[] {
  return list(text).map((part) => {
    const rate = Number(part);
    if (!/^\d+(\.\d+)?$/.test(part) || rate <= 0 || rate > 1e6) {
      throw new InvalidArgumentError(
        'Expected rates above 0 and up to 1000000, such as 50 or 50,100.',
      );
    }
    return rate;
  });
}

function checked(text: string, counted: typeof WORKER_COUNT): string {
  try {
    parseWholeNumbers(text, counted);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

const UNITS: Record<string, number> = { '': 1, s: 1, ms: 0.001, min: 60, h: 3600 };

function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|h|)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a time such as 10, 10s, 500ms or 2min.');
  return Number(match[1]) * (UNITS[match[2] ?? ''] as number);
}

function duration(text: string): number {
  const value = seconds(text);
  if (value < 0.1 || value > 86_400) {
    throw new InvalidArgumentError('Expected 0.1 to 86400 seconds.');
  }
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value <= 0 || value >= 1) {
    throw new InvalidArgumentError('Expected a share above 0 and below 1, such as 0.05.');
  }
  return value;
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
