import { type Command, CommanderError } from 'commander';
import { UsageError } from '../base/errors.js';
import { columnsOf } from '../base/terminal.js';
import type { Overrides } from '../experiment/experiment.js';
import type { MetricsWish } from '../metrics/service.js';
import { explainMistake, refuseRepeats } from './mistakes.js';
import { describeProgram } from './table.js';

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

/** Of commands that need nothing but their name. */
export interface PlainRequest extends CommonFlags {
  readonly command: 'list' | 'version';
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
  readonly shell: (typeof SHELLS)[number];
}

/** Those that can be told how to complete words; setup/completion/ has a file for each. */
export const SHELLS = ['bash', 'zsh'] as const;

/** What the command line asks for. */
export type Request =
  | CompletionRequest
  | ExperimentRequest
  | PlainRequest
  | RunRequest
  | ResumeRequest
  | CompareRequest
  | DoctorRequest;

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
