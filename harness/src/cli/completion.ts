import { join } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { namesIn } from '../experiment/catalogue.js';

/** What a shell has to find by itself. */
const FILES = ':files';
const FOLDERS = ':folders';

/** Options whose values are systems. */
const NAMES_SYSTEMS = ['--systems', '--over'];

/**
 * What the last of the words after `run-experiment` could go on with, a line each: a word, and after a
 * tab what it means. All of it comes from the commands themselves and the folder of experiments.
 */
export async function candidatesFor(
  program: Command,
  typed: readonly string[],
  root: string,
): Promise<string[]> {
  const words = joinedAtEquals(typed);
  const last = words.pop() ?? '';
  const { command, given, pending } = readWords(program, words);
  const [, flag, begun] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? [];
  const option = flag === undefined ? pending : findOption(command, flag);
  if (flag !== undefined || option !== undefined) {
    return option === undefined ? [] : valuesOf(option, begun ?? last, root);
  }
  if (last.startsWith('-')) return startingWith(last, flagsOf(command, words));
  const commands = words.length === 0 ? commandsOf(program) : [];
  const argument = command.registeredArguments[given];
  return startingWith(last, [...commands, ...wordsOf(argument, root)]);
}

/** Bash takes `--codec=json` for three words. */
function joinedAtEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1) ?? '';
    const belongs = /^--[\w-]+$/.test(before) ? word === '=' : /^--[\w-]+=$/.test(before);
    joined.push(belongs ? `${joined.pop()}${word}` : word);
  }
  return joined;
}

/** The command that the words name, how many arguments it has, and the option that waits for a value. */
function readWords(program: Command, words: readonly string[]) {
  const named = program.commands.find((each) => each.name() === words[0]);
  const command = named ?? (program.commands.find((each) => each.name() === 'run') as Command);
  let given = 0;
  let pending: Option | undefined;
  for (const word of named === undefined ? words : words.slice(1)) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = valueTaking(findOption(command, word));
    else given++;
  }
  return { command, given, pending };
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

function valueTaking(option: Option | undefined): Option | undefined {
  return option?.required ? option : undefined;
}

function commandsOf(program: Command): string[] {
  return program.commands.map((each) => `${each.name()}\t${each.description()}`);
}

function flagsOf(command: Command, words: readonly string[]): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long && !words.includes(long))
    .map(({ long, description }) => `${long}\t${description}`);
}

function wordsOf(argument: Argument | undefined, root: string): string[] {
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (argument.name() !== 'experiment') return [FOLDERS];
  return [...namesIn(join(root, 'experiments')), FILES];
}

/** Of a list, the words after the last comma. */
async function valuesOf(option: Option, begun: string, root: string): Promise<string[]> {
  const [, placeholder] = /<(.*)>/.exec(option.flags) ?? [];
  if (placeholder === 'folder' || placeholder === 'folders') return [FOLDERS];
  if (placeholder === 'file') return [FILES];
  const names = NAMES_SYSTEMS.includes(option.long ?? '')
    ? await systemsIn(root)
    : (option.argChoices ?? []);
  if (!takesSeveral(option, names)) return startingWith(begun, names);
  const before = begun.slice(0, begun.lastIndexOf(',') + 1);
  const taken = before.split(',');
  const free = names.filter((name) => !taken.includes(name));
  return startingWith(
    begun,
    free.map((name) => before + name),
  );
}

/** Asks the option itself. */
function takesSeveral({ parseArg }: Option, names: readonly string[]): boolean {
  if (parseArg === undefined) return false;
  try {
    parseArg(names.join(','), undefined);
    return true;
  } catch {
    return false;
  }
}

async function systemsIn(root: string): Promise<string[]> {
  const { readSystems } = await import('../experiment/systems.js');
  return readSystems(join(root, 'experiments', 'systems.yaml')).map(({ name }) => name);
}

function startingWith(begun: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith(begun) || line === FILES || line === FOLDERS);
}
