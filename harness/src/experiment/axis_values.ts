/** What the values of an axis may be, and how a file and a flag write them. */
import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { type Counted, parseWholeNumber, parseWholeNumbers } from './ranges.js';

/** One value. */
export type Scalar = string | number | boolean;

/** One value or several, as a file has them and a flag hands them over. */
export type Written = Scalar | readonly Scalar[];

/** A kind of values, V: names, whole numbers, rates. */
export interface ValueKind<V> {
  /** JSON schemas, one of which a value in a file fulfils. */
  readonly schemas: readonly object[];
  /** All values there are, where they are names: for --help, completion and errors. */
  readonly choices?: readonly string[];
  /** One value on the command line, as a file would have it. Throws UsageError. */
  parse(text: string): Scalar;
  /** The values that a file (which fulfils the schema) or a flag gives, each once. Throws UsageError. */
  read(written: Written): readonly V[];
}

/** Some of these names. */
export function names<const N extends string>(known: readonly N[]): ValueKind<N> {
  return {
    schemas: [{ enum: known, type: 'string' }],
    choices: known,
    parse(text) {
      if ((known as readonly string[]).includes(text)) return text;
      throw new UsageError(
        `'${text}' is unknown; expected ${known.join(', ')}${didYouMean(text, known)}`,
      );
    },
    read: (written) => listOf(written) as N[],
  };
}

/** Names that the experiment itself gives to something. */
export const OWN_NAMES: ValueKind<string> = {
  schemas: [{ type: 'string' }],
  parse: (text) => text,
  read: (written) => listOf(written) as string[],
};

/** Counts, which are also written as ranges (`1..16:3`); a flag is read as a whole. */
export function counts(counted: Counted): ValueKind<number> {
  return {
    schemas: [{ type: 'number' }, { type: 'string' }],
    parse(text) {
      parseWholeNumbers(text, counted);
      return text;
    },
    read: (written) => parseWholeNumbers(listOf(written).join(','), counted),
  };
}

export function wholeNumbers(least: number, most: number): ValueKind<number> {
  return {
    schemas: [{ type: 'integer', minimum: least, maximum: most }],
    parse: (text) => parseWholeNumber(text, least, most),
    read: (written) => listOf(written) as number[],
  };
}

/** The same, or in a file the name in the place of a value. */
export function orName<V, const N extends string>(name: N, kind: ValueKind<V>): ValueKind<V | N> {
  return { ...kind, schemas: [...kind.schemas, { const: name, type: 'string' }] };
}

/** Numbers above 0, per second. */
export function rates(most: number): ValueKind<number> {
  return {
    schemas: [{ type: 'number', exclusiveMinimum: 0, maximum: most }],
    parse(text) {
      const rate = Number(text);
      if (/^\d+(\.\d+)?$/.test(text) && rate > 0 && rate <= most) return rate;
      throw new UsageError(
        `'${text}' is not a valid rate; expected rates above 0 and up to ${most}, such as 50 or 50,100`,
      );
    },
    read: (written) => listOf(written) as number[],
  };
}

/** No or yes; on the command line the flag alone is yes. */
export const YES_OR_NO: ValueKind<boolean> = {
  schemas: [{ type: 'boolean' }],
  parse: () => true,
  read: (written) => listOf(written) as boolean[],
};

function listOf(written: Written): Scalar[] {
  return typeof written === 'object' ? [...new Set(written)] : [written];
}
