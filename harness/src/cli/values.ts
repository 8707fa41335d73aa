/** What the values of flags may be, read once into their types. */
import { InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../base/did_you_mean.js';
import { messageOf } from '../base/errors.js';
import { type Counted, parseWholeNumbers } from '../experiment/ranges.js';

/** An option whose value is a list of these names, separated by commas. */
export function someOf(flags: string, description: string, known: readonly string[]): Option {
  // choices() also tells the help, and whatever completes words, what there is.
  return new Option(flags, description)
    .choices(known)
    .argParser((text: string) => amongst(list(text), known));
}

/** An option whose value is one of these names. */
export function oneOf(flags: string, description: string, known: readonly string[]): Option {
  return new Option(flags, description)
    .choices(known)
    .argParser((text: string) => amongst([text], known)[0]);
}

function amongst(names: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `'${unknown}' is unknown; expected ${known.join(', ')}${didYouMean(unknown, known)}`,
  );
}

export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('expected names separated by commas');
  return [...new Set(names)];
}

/** A folder or a file. An option in its place was meant to be an option. */
export function path(text: string): string {
  if (text !== '' && !text.startsWith('--')) return text;
  throw new InvalidArgumentError(
    'expected a path; one that begins with -- is written ./--like-this',
  );
}

export function serviceTimes(text: string): number[] {
  return list(text).map((part) => wholeNumber(0, 20_000)(part));
}

export function rates(text: string): number[] {
  return list(text).map((part) => {
    const rate = Number(part);
    if (!/^\d+(\.\d+)?$/.test(part) || rate <= 0 || rate > 1e6) {
      throw new InvalidArgumentError(
        `'${part}' is not a valid rate; expected rates above 0 and up to 1000000, such as 50 or 50,100`,
      );
    }
    return rate;
  });
}

/** Reads `1..16:3` and its like to see whether it is right; the text itself goes on. */
export function counts(counted: Counted): (text: string) => string {
  return (text) => {
    try {
      parseWholeNumbers(text, counted);
      return text;
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

const UNITS: Record<string, number> = { '': 1, s: 1, ms: 0.001, min: 60, h: 3600 };

export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|h|)$/.exec(text);
  if (!match) throw new InvalidArgumentError('expected a time such as 10, 10s, 500ms or 2min');
  return inSeconds(Number(match[1]) * (UNITS[match[2] ?? ''] as number));
}

function inSeconds(value: number): number {
  if (value >= 0.1 && value <= 86_400) return value;
  throw new InvalidArgumentError('expected 0.1 to 86400 seconds');
}

export function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value <= 0 || value >= 1) {
    throw new InvalidArgumentError('expected a share above 0 and below 1, such as 0.05');
  }
  return value;
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
    }
    return value;
  };
}
