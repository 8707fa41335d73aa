import { type Command, CommanderError } from 'commander';
import { UsageError } from '../base/errors.js';
import { columnsOf } from '../base/terminal.js';
import { explainMistake, refuseRepeats } from './mistakes.js';
import type { Request } from './request.js';
import { describeProgram } from './table.js';

/**
 * Reads the command line (without the program's own name). Prints the help and returns null when it
 * was asked for. Throws UsageError, in one line with the offending value, when something in it is
 * wrong.
 */
export function parseFlags(argv: readonly string[], print: (text: string) => void): Request | null {
  let request: Request | null = null;
  const program = describeProgram((parsed) => {
    request ??= parsed;
  });
  let current = program;
  for (const command of [program, ...program.commands]) {
    command
      .helpOption('-h, --help', 'show this')
      .configureOutput({
        writeOut: print,
        writeErr: () => undefined,
        getOutHelpWidth: () => columnsOf(process.stdout),
      })
      .exitOverride((error) => {
        current = command;
        throw error;
      });
    refuseRepeats(command);
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(inOneLine(error.message));
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return request;
    throw new UsageError(inOneLine(explainMistake(error, current, program, argv)));
  }
  return request;
}

/** With what is not to be printed, and came of the command line, spelt out. */
function inOneLine(message: string): string {
  return message.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** Every command with its arguments and options, as data: for whatever shows or completes them. */
export function commandLine(): Command {
  return describeProgram(() => undefined);
}

/** What may have been meant by a word that is taken for an experiment: commands, and flags in their place. */
export function firstWords(): string[] {
  return [...commandLine().commands.map((command) => command.name()), '--version', '--help'];
}
