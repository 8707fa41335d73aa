/** What is wrong with a command line, in one line that says what to write. */
import type { Command, CommanderError } from 'commander';
import { closestTo, didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';

/** Has a command refuse an option that is given twice: of the two, one would have no effect. */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    let times = 0;
    command.on(`option:${option.name()}`, (value: unknown) => {
      times++;
      if (times === 1) return;
      const again = typeof value === 'string' ? `, the second time with '${value}'` : '';
      throw new UsageError(`${option.long ?? option.flags} is given twice${again}; give it once`);
    });
  }
}

/** What commander found wrong, of `command`, in our own words. */
export function explainMistake(
  error: CommanderError,
  command: Command,
  program: Command,
  argv: readonly string[],
): string {
  const misnamed = explainCommand(command, program, argv);
  switch (error.code) {
    case 'commander.unknownOption':
      return misnamed ?? explainOption(quoted(error), command, program);
    case 'commander.excessArguments':
      return misnamed ?? explainExcess(command);
    case 'commander.missingArgument':
      return `${command.name()} needs <${quoted(error)}>: ${describeArgument(command, quoted(error))}; for example: ${usage(command)}`;
    case 'commander.missingMandatoryOptionValue':
      return `${command.name()} needs ${quoted(error)}: ${describeOption(command, quoted(error))}; for example: ${usage(command)} ${quoted(error)}`;
    case 'commander.conflictingOption':
      return error.message.replace(/^error: option/, 'give one of two:');
    case 'commander.optionMissingArgument':
      return `${quoted(error)}: the value is missing`;
    case 'commander.invalidArgument':
      return explainValue(error);
    default:
      return error.message.replace(/^error: /, '');
  }
}

/** `--n '0': …`, or `--build '' (of ENXAME_BUILD): …`. */
function explainValue({ message }: CommanderError): string {
  const parts =
    /^error: option '(\S+).*?' (?:argument|value) '(.*)'(?: from env '(\w+)')? is invalid\. (.*)$/s;
  const [, flag, value, variable, reason] = parts.exec(message) ?? [];
  if (flag === undefined) return message;
  const origin = variable === undefined ? '' : ` (of ${variable})`;
  return `${flag} '${value}'${origin}: ${reason}`;
}

/** The first thing in quotes: commander hands over no more than its sentence. */
function quoted({ message }: CommanderError): string {
  return /'(.*?)'/s.exec(message)?.[1] ?? '';
}

/** When it went wrong because what was meant as a command was taken for an experiment. */
function explainCommand(
  command: Command,
  program: Command,
  argv: readonly string[],
): string | undefined {
  const [first] = command.args;
  if (command.name() !== 'run' || first === undefined || argv[0] === 'run') return undefined;
  const names = program.commands.map((each) => each.name());
  const late = argv.findIndex((word) => names.includes(word));
  if (late > 0 && command.args.includes(argv[late] ?? '')) {
    const sorted = [...argv.slice(late, late + 1), ...argv.slice(0, late), ...argv.slice(late + 1)];
    return `the command must come first: ${runExperiment(...sorted)}`;
  }
  const meant = closestTo(first, names);
  if (meant === undefined) return undefined;
  return `unknown command '${first}'; expected ${names.join(', ')}; did you mean '${meant}'?`;
}

function explainOption(given: string, command: Command, program: Command): string {
  const [flag = given] = given.split('=');
  const known = command.options.find((option) => option.long === flag);
  if (known !== undefined) return `${flag} takes no value: write ${flag} instead of '${given}'`;
  const others = program.commands.filter((each) => each.options.some(({ long }) => long === flag));
  if (others.length > 0) {
    const names = others.map((each) => each.name()).join(', ');
    return `unknown option '${flag}' of ${command.name()}: it has no effect there; it is an option of ${names}`;
  }
  const options = [...command.options, ...program.options];
  const candidates = [...options.flatMap(({ long }) => long ?? []), '--help'];
  const where = runExperiment('help', command.name());
  return `unknown option '${flag}' of ${command.name()}; ${where} lists the options${didYouMean(flag, candidates)}`;
}

function explainExcess(command: Command): string {
  const most = command.registeredArguments.length;
  const extra = command.args.slice(most).map((word) => `'${word}'`);
  return `too many arguments for ${command.name()}: ${extra.join(', ')}; expected ${usage(command)}`;
}

function describeArgument(command: Command, name: string): string {
  const argument = command.registeredArguments.find((each) => each.name() === name);
  return argument?.description ?? name;
}

function describeOption(command: Command, flags: string): string {
  return command.options.find((option) => option.flags === flags)?.description ?? flags;
}

/** `./run-experiment compare <before> <after>`. */
function usage(command: Command): string {
  const places = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [runExperiment(command.name()), ...places].join(' ');
}
