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
import {
  type Accept,
  common,
  endOf,
  example,
  metricsOf,
  refuseWithout,
  withBuild,
  withJson,
  withMetrics,
  withOut,
  withPlaces,
  withReport,
} from './options.js';
import {
  describeFootprint,
  describeIsolation,
  describeOrchestrate,
  describeOvershoot,
  describePortability,
} from './probe_commands.js';
import { type CommonFlags, type CompletionRequest, type EndOfRun, SHELLS } from './request.js';
import {
  describeCheck,
  describeCompare,
  describeExport,
  describeReport,
  describeSend,
  describeSql,
  describeVerify,
} from './run_commands.js';
import { seconds, share, wholeNumber } from './values.js';

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
  program.addCommand(describeCheck(accept));
  program.addCommand(describeExport(accept));
  program.addCommand(describeSql(accept));
  program.addCommand(describeSend(accept));
  program.addCommand(describeDoctor(accept));
  program.addCommand(describeIsolation(accept));
  program.addCommand(describeOvershoot(accept));
  program.addCommand(describeFootprint(accept));
  program.addCommand(describePortability(accept));
  program.addCommand(describeOrchestrate(accept));
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
  return withReport(withMetrics(withPlaces(withOut(withExperimentOptions(new Command('run'))))))
    .description('runs an experiment (the default command)')
    .addHelpText('after', example('run', 'scaling', '--workers', '1..16:3', '--launches', '5'))
    .action(
      (experiment: string | undefined, options: ExperimentOptions & MetricsWish & EndOfRun) => {
        const overrides = overridesOf(options);
        const given = { ...common(options), ...metricsOf(options), ...endOf(options) };
        accept({
          command: 'run',
          experiment: experiment ?? DEFAULT_EXPERIMENT,
          ...given,
          overrides,
        });
      },
    );
}

function describePlan(accept: Accept): Command {
  return withBuild(withExperimentOptions(new Command('plan')))
    .description('shows every trial of an experiment and how long it would take; runs nothing')
    .option('--power', 'say how small a difference the planned launches could find')
    .option(
      '--spread <share>',
      'of --power: how much a ratio differs from block to block (default: as in earlier runs)',
      share,
    )
    .addHelpText('after', example('plan', 'overhead', '--n', '64,512', '--power'))
    .action((experiment: string | undefined, options: ExperimentOptions & PlanOptions) => {
      const overrides = overridesOf(options);
      const { power = false, spread } = options;
      if (!power) refuseWithout('--power', '--spread', spread, 'plan says nothing of power');
      accept({
        command: 'plan',
        experiment: experiment ?? DEFAULT_EXPERIMENT,
        ...common(options),
        overrides,
        ...(power && { power: spread === undefined ? {} : { spread } }),
      });
    });
}

interface PlanOptions {
  readonly power?: true;
  readonly spread?: number;
}

function describeList(accept: Accept): Command {
  return withBuild(withJson(new Command('list')))
    .description('lists the experiments and the systems')
    .addHelpText('after', example('list'))
    .action((options: CommonFlags) => accept({ command: 'list', ...common(options) }));
}

function describeResume(accept: Accept): Command {
  return withReport(withMetrics(withPlaces(withJson(new Command('resume')))))
    .argument('<run>', 'the folder of a run that ended early')
    .description('resumes a run after a crash, Ctrl-C or a power cut, in its own folder')
    .addHelpText('after', example('resume', 'results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags & MetricsWish & EndOfRun) => {
      const given = { ...common(options), ...metricsOf(options), ...endOf(options) };
      accept({ command: 'resume', run, ...given });
    });
}

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
        const others = { '--seed': seed, '--pin': pin, '--duet': options.duet };
        const given = { ...others, '--noise': options.noise, '--out': options.out };
        for (const [flag, value] of Object.entries(given)) {
          refuseWithout('--null', flag, value, 'doctor starts a run only with it');
        }
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
