/** What the values of flags may be, read once into their types. */
import { InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../base/errors.js';
import { type Axis, flagOf } from '../experiment/axis.js';
import { parseWholeNumber } from '../experiment/ranges.js';

/** The option of an axis, which reads its values as a file would write them. */
export function optionOf(axis: Axis): Option {
  const { placeholder, help = '', single } = axis.flag ?? {};
  if (placeholder === undefined) return new Option(flagOf(axis), help);
  const option = new Option(`${flagOf(axis)} <${placeholder}>`, help);
  // choices() also tells the help, and whatever completes words, what there is.
  if (axis.values.choices !== undefined) option.choices(axis.values.choices);
  const parse = refusing((text) => axis.values.parse(text));
  return single ? option.argParser(parse) : option.argParser((text) => list(text).map(parse));
}

/** The same, with errors of the kind that commander explains. */
function refusing<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('expected names separated by commas');
  return [...new Set(names)];
}

/** A folder or a file. An option in its place was meant to be an option. */
export function path(text: string): string {
  if (text !== '' && !text.startsWith('--')) return text;
  throw new InvalidArgumentError('expected a path; write one that begins with -- as ./--like-this');
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

export function factor(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 1) return value;
  throw new InvalidArgumentError('expected a factor above 1, such as 1.5');
}

export function fingerprint(text: string): string {
  const digits = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new InvalidArgumentError('expected the 64 hexadecimal digits that verify prints');
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return refusing((text) => parseWholeNumber(text, least, most));
}
