/** Every command with its arguments and options: the table that parsing, help and completion are made from. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import { type AxisValue, PLACEMENTS } from '../experiment/axes.js';
import { DEFAULT_EXPERIMENT } from '../experiment/catalogue.js';
import type { MetricsWish } from '../metrics/service.js';
import {
  type ExperimentOptions,
  overridesOf,
  withExperimentOptions,
} from './experiment_options.js';
import { type CommonFlags, type CompletionRequest, type Request, SHELLS } from './request.js';
import { path, seconds, share, wholeNumber } from './values.js';

/** Is told what was asked for. */
export type Accept = (request: Request) => void;

/** The program; a command that is parsed tells `accept`. */
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
  program.addCommand(describeExport(accept));
  program.addCommand(describeDoctor(accept));
  program.addCommand(describeCompletion(accept));
  program.addCommand(describeHelp(program));
  program.option('-V, --version', 'show the version of this program and its commit');
  program.on('option:version', () => {
    accept({ command: 'version', json: false });
    throw new CommanderError(0, 'commander.version', 'the version was asked for');
  });
  return program
    .helpCommand(false)
    .addHelpText(
      'after',
      () =>
        `\nOptions of run (plan takes those that decide what is measured):\n${optionsOf(run)}\n${examples()}`,
    );
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

function examples(): string {
  return `
Examples:
  $ ${runExperiment('--workers', '1..4', '--quick')}
      the experiment scaling with 1 to 4 workers, one short launch of each, in about a minute
  $ ${runExperiment('plan', 'overhead')}
      every trial that the experiment overhead would run, and how long it would take
  $ ${runExperiment('resume', 'results/20250131T235959Z-1a2b3c')}
      resumes a run that was interrupted

\`${runExperiment('help', 'COMMAND')}\` explains each, with an example. The default command is run.

Exit codes: 0 done; 1 something failed or a trial is invalid; 2 wrong usage; 3 a cell of compare is
slower; 4 too noisy to tell; 130 interrupted (what was measured is kept).`;
}

function describeRun(accept: Accept): Command {
  return withMetrics(withPlaces(withOut(withExperimentOptions(new Command('run')))))
    .description('runs an experiment (the default command)')
    .addHelpText('after', example('run', 'scaling', '--workers', '1..16:3', '--launches', '5'))
    .action((experiment: string | undefined, options: ExperimentOptions & MetricsWish) => {
      const overrides = overridesOf(options);
      const given = { ...common(options), ...metricsOf(options) };
      accept({ command: 'run', experiment: experiment ?? DEFAULT_EXPERIMENT, ...given, overrides });
    });
}

function describePlan(accept: Accept): Command {
  return withBuild(withExperimentOptions(new Command('plan')))
    .description('shows every trial of an experiment and how long it would take; runs nothing')
    .addHelpText('after', example('plan', 'overhead', '--n', '64,512', '--json'))
    .action((experiment: string | undefined, options: ExperimentOptions) => {
      const overrides = overridesOf(options);
      const given = common(options);
      accept({
        command: 'plan',
        experiment: experiment ?? DEFAULT_EXPERIMENT,
        ...given,
        overrides,
      });
    });
}

function describeList(accept: Accept): Command {
  return withBuild(withJson(new Command('list')))
    .description('lists the experiments and the systems')
    .addHelpText('after', example('list'))
    .action((options: CommonFlags) => accept({ command: 'list', ...common(options) }));
}

function describeResume(accept: Accept): Command {
  return withMetrics(withPlaces(withJson(new Command('resume'))))
    .argument('<run>', 'the folder of a run that ended early')
    .description('resumes a run after a crash, Ctrl-C or a power cut, in its own folder')
    .addHelpText('after', example('resume', 'results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags & MetricsWish) => {
      accept({ command: 'resume', run, ...common(options), ...metricsOf(options) });
    });
}

function describeReport(accept: Accept): Command {
  return withJson(new Command('report'))
    .argument('<run>', 'the folder of a run')
    .option('--out <folder>', 'where to put them (default: the folder of the run)', path)
    .description('draws the tables, the figures and a page of a run')
    .addHelpText('after', example('report', 'results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags) => {
      accept({ command: 'report', run, ...common(options) });
    });
}

function describeVerify(accept: Accept): Command {
  return withJson(new Command('verify'))
    .argument('<run>', 'the folder of a run')
    .description('recomputes the hashes, numbers and claims of a run')
    .addHelpText('after', example('verify', 'results/reference/scaling'))
    .action((run: string, options: CommonFlags) => {
      accept({ command: 'verify', run, ...common(options) });
    });
}

function describeCompare(accept: Accept): Command {
  return withJson(new Command('compare'))
    .argument('<before>', 'the folder of a run')
    .argument('<after>', 'the folder of another run')
    .description('compares two runs cell by cell')
    .option('--margin <share>', 'ratios closer to 1 than this count as equivalent', share, 0.05)
    .option('--any-machine', 'compare runs even if machines, programs or versions differ')
    .addHelpText('after', example('compare', 'results/BEFORE', 'results/AFTER', '--margin', '0.03'))
    .action((before: string, after: string, options: CommonFlags & CompareOptions) => {
      const { margin, anyMachine = false } = options;
      accept({ command: 'compare', before, after, margin, anyMachine, ...common(options) });
    });
}

interface CompareOptions {
  readonly margin: number;
  readonly anyMachine?: true;
}

function describeExport(accept: Accept): Command {
  return withJson(new Command('export'))
    .argument('<run>', 'the folder of a run')
    .option('--openmetrics <file>', 'the file to write, in the format OpenMetrics', path)
    .description('writes what a run would have shown Prometheus, to look at in Grafana later')
    .addHelpText('after', `\nExample:\n  $ ${EXPORT}${LOADING}`)
    .action((run: string, options: CommonFlags & { readonly openmetrics?: string }) => {
      const { openmetrics } = options;
      if (openmetrics === undefined) {
        throw new UsageError(
          `export needs --openmetrics <file>: the file to write; for example: ${EXPORT}`,
        );
      }
      accept({ command: 'export', run, openmetrics, ...common(options) });
    });
}

const EXPORT = runExperiment('export', 'results/reference/scaling', '--openmetrics', 'run.om');

/** What to do with an export. */
const LOADING = `

Prometheus takes it as blocks of its database:
  $ promtool tsdb create-blocks-from openmetrics run.om DATA
  $ prometheus --config.file=dashboards/prometheus/prometheus.yml --storage.tsdb.path=DATA \\
      --storage.tsdb.retention.time=10y
Blocks of several runs can be in one DATA. Without a retention that long, what is older than 15 days
is deleted. Then open the dashboards (dashboards/README.md) at the run and the times that export
prints. Points have the times at which trials began and ended. What a program told while a trial ran
is not part of a run; panels that show it stay empty.`;

function describeDoctor(accept: Accept): Command {
  return withPlaces(withOut(withJson(new Command('doctor'))))
    .description('checks how this machine affects the measurements')
    .option('--seconds <time>', 'how long to watch the machine, or to measure with --null', seconds)
    .option(
      '--null',
      'measure the same thing twice (an A/A run): how often a difference is found, and the smallest that could be',
    )
    .option('--seed <number>', 'seed of --null (default: a new one)', wholeNumber(0, 2 ** 32 - 1))
    .addOption(new Option('--pin <how>', 'where programs of --null run').choices(PLACEMENTS))
    .option('--duet', 'both sides of --null at the same time, each on half of the processors')
    .option('--noise <share>', 'keep so much of a processor busy during --null: 0.25', share)
    .addHelpText('after', example('doctor', '--null', '--pin', 'apart', '--seconds', '300'))
    .action((options: CommonFlags & DoctorOptions) => {
      const { null: isNull = false, seed, pin, duet = false, noise = 0 } = options;
      if (!isNull) {
        refuseWithoutNull('--seed', options.seed);
        refuseWithoutNull('--pin', pin);
        refuseWithoutNull('--duet', options.duet);
        refuseWithoutNull('--noise', options.noise);
        refuseWithoutNull('--out', options.out);
      }
      accept({
        command: 'doctor',
        null: isNull,
        seconds: options.seconds ?? (isNull ? 300 : 5),
        duet,
        noise,
        ...(seed !== undefined && { seed }),
        ...(pin !== undefined && { pin }),
        ...common(options),
      });
    });
}

function refuseWithoutNull(flag: string, value: string | number | true | undefined): void {
  if (value === undefined) return;
  const given = value === true ? flag : `${flag} ${value}`;
  throw new UsageError(
    `${given} has no effect without --null: doctor starts a run only with --null`,
  );
}

function describeCompletion(accept: Accept): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'the shell to complete words in').choices(SHELLS))
    .description('prints the completion script of a shell')
    .addHelpText('after', `\nExample:\n  $ source <(${runExperiment('completion', 'bash')})`)
    .action((shell: CompletionRequest['shell']) => {
      accept({ command: 'completion', shell, ...common({}) });
    });
}

interface DoctorOptions {
  readonly seconds?: number;
  readonly null?: true;
  readonly seed?: number;
  readonly pin?: AxisValue<'pin'>;
  readonly duet?: true;
  readonly noise?: number;
}

function describeHelp(program: Command): Command {
  return new Command('help')
    .argument('[command]', 'a command of the program')
    .description('explains a command, or lists all of them')
    .addHelpText('after', example('help', 'compare'))
    .action((name: string | undefined) => {
      const names = program.commands.map((command) => command.name());
      const command = name === undefined ? program : program.commands[names.indexOf(name)];
      if (command !== undefined) return command.outputHelp();
      throw new UsageError(
        `unknown command '${name}'; expected ${names.join(', ')}${didYouMean(name ?? '', names)}`,
      );
    });
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout instead of text');
}

function withMetrics(command: Command): Command {
  return command
    .option(
      '--metrics-port <port>',
      'serve GET /metrics on this port during the run; 0: any free port',
      wholeNumber(0, 65_535),
    )
    .option('--prometheus', 'start a Prometheus that watches the run and ends with it');
}

function metricsOf({ metricsPort, prometheus }: MetricsWish): { metrics?: MetricsWish } {
  if (metricsPort === undefined && prometheus === undefined) return {};
  return {
    metrics: {
      ...(metricsPort !== undefined && { metricsPort }),
      ...(prometheus !== undefined && { prometheus }),
    },
  };
}

function withOut(command: Command): Command {
  return command.option(
    '--out <folder>',
    'where to create the folder of the run (default: results/)',
    path,
  );
}

/** Of commands that start programs. */
function withPlaces(command: Command): Command {
  return withBuild(
    command.option(
      '--browser-path <file>',
      'the Chromium to use (default: chromium-headless-shell on PATH)',
      path,
    ),
  );
}

/** Of commands that ask programs what they support. */
function withBuild(command: Command): Command {
  return command.addOption(
    new Option('--build <folder>', 'where the programs were built (default: build/)')
      .env('ENXAME_BUILD')
      .argParser(path),
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

function example(...words: readonly string[]): string {
  return `\nExample:\n  $ ${runExperiment(...words)}`;
}
