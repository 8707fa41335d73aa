/** What is wrong with a YAML file, in our own words: what the libraries say is meant for those who call them. */
import type { ErrorObject } from 'ajv';
import type { ErrorCode, YAMLError } from 'yaml';
import { didYouMean } from '../base/did_you_mean.js';

/** What each mistake in the notation is, and what to write. */
const NOTATION: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias has an anchor or a tag of its own; expected *name alone',
  BAD_ALIAS: 'an invalid anchor or alias; expected &name, and *name after it',
  BAD_COLLECTION_TYPE: 'a tag that does not go with a list or a map; leave it out',
  BAD_DIRECTIVE: 'an invalid directive (%); leave it out, or put the text in quotes',
  BAD_DQ_ESCAPE: 'an unknown escape in double quotes; expected \\n or \\\\, or single quotes',
  BAD_INDENT: 'indented differently from its neighbours; expected fields of one level to line up',
  BAD_PROP_ORDER: 'an anchor or a tag after its value; expected it before',
  BAD_SCALAR_START: 'a text that begins with a special character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: "a second ': ' in one line; put the text in quotes, or its fields in { }",
  BLOCK_IN_FLOW: 'a list with - inside [ ] or { }; expected [a, b]',
  DUPLICATE_KEY: 'a field that is given twice; leave one out',
  IMPOSSIBLE: 'this cannot be read as YAML',
  KEY_OVER_1024_CHARS: 'the name of a field with more than 1024 characters',
  MISSING_CHAR: 'a comma, a colon, a closing bracket or a closing quote is missing',
  MULTILINE_IMPLICIT_KEY: 'a field whose name has several lines; a colon or a quote is missing',
  MULTIPLE_ANCHORS: 'two anchors of one value; leave one out',
  MULTIPLE_DOCS: 'a second document begins here (---); expected one in a file',
  MULTIPLE_TAGS: 'two tags of one value; leave one out',
  NON_STRING_KEY: 'a field whose name is not a text; put it in quotes',
  RESOURCE_EXHAUSTION: 'lists and maps are nested too deeply',
  TAB_AS_INDENT: 'a tab at the beginning of the line; expected spaces',
  TAG_RESOLVE_FAILED: 'an unknown tag; leave it out, or put the text in quotes',
  UNEXPECTED_TOKEN: 'this does not belong here',
};

/** What is wrong with the notation at a place of the text. */
export function explainNotation({ code, message, pos }: YAMLError, text: string): string {
  const [line = ''] = text.slice(pos[0]).split('\n');
  const found = line.trim() === '' ? 'at the end of the line' : `at ${show(line.trim())}`;
  const closing = /end with an? ([\]}])/.exec(message)?.[1];
  if (closing !== undefined) return `a closing ${closing} is missing, ${found}`;
  return `${NOTATION[code] ?? NOTATION.IMPOSSIBLE}, ${found}`;
}

/** What an exception tells that a library threw while it made values of a text, and where that is. */
export function explainValues(error: unknown, text: string): { offset: number; what: string } {
  const message = error instanceof Error ? error.message : '';
  const alias = /^Unresolved alias.*: (\S+)$/s.exec(message)?.[1];
  if (alias !== undefined) {
    const offset = Math.max(0, text.indexOf(`*${alias}`));
    return { offset, what: `there is no anchor &${alias} before *${alias}` };
  }
  const isAlias = message.includes('alias');
  const tooLarge = 'aliases of aliases make it too large; write the values out';
  return { offset: 0, what: isAlias ? tooLarge : NOTATION.RESOURCE_EXHAUSTION };
}

/** What is wrong, where: the errors are of one place, each of another alternative that it is not. */
export function explainPlace(errors: readonly ErrorObject[]): string {
  const [first] = errors;
  if (first === undefined) return 'it is not valid';
  const { keyword, params, parentSchema, data } = first;
  if (keyword === 'additionalProperties') {
    const known = Object.keys(parentSchema?.['properties'] ?? {});
    const unknown = String(params['additionalProperty']);
    return `there is no such field; expected ${known.join(', ')}${didYouMean(unknown, known)}`;
  }
  if (keyword === 'required') return `its field '${params['missingProperty']}' is missing`;
  if (keyword === 'uniqueItems') return `${show(data)} has the same entry twice`;
  const words = errors.flatMap(namesOf);
  const hint = typeof data === 'string' ? didYouMean(data, words) : '';
  return `${show(data)} is not valid; expected ${alternatives(errors).join(' or ')}${hint}`;
}

/** A list is an alternative wherever one value is, and names are texts, which goes without saying. */
function alternatives(errors: readonly ErrorObject[]): string[] {
  const all = [...new Set(errors.map(expectation))];
  const named = errors.some((error) => namesOf(error).length > 0);
  const single = all.filter(
    (each) => each !== TYPES['array'] && !(named && each === TYPES['string']),
  );
  return single.length > 0 ? single : all;
}

const TYPES: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'fields with values',
  string: 'a text',
};

function expectation(error: ErrorObject): string {
  const { keyword, params, parentSchema } = error;
  const { minimum, exclusiveMinimum, maximum, type } = (parentSchema ?? {}) as Limits;
  switch (keyword) {
    case 'enum':
    case 'const':
      return namesOf(error).join(' or ');
    case 'minLength':
      return `at least ${params['limit']} characters`;
    case 'minItems':
      return `at least ${params['limit']} of them`;
    case 'type':
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum': {
      const least = minimum !== undefined ? ` from ${minimum}` : '';
      const above = exclusiveMinimum !== undefined ? ` above ${exclusiveMinimum}` : '';
      const most = maximum !== undefined ? ` up to ${maximum}` : '';
      const types = [keyword === 'type' ? params['type'] : type].flat();
      const named = types.map((each) => TYPES[String(each)] ?? String(each));
      return `${named.join(' or ')}${least}${above}${most}`;
    }
    default:
      return 'another value';
  }
}

interface Limits {
  readonly type?: string | readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function namesOf({ params }: ErrorObject): string[] {
  const allowed: unknown = params['allowedValues'] ?? params['allowedValue'];
  return allowed === undefined ? [] : [allowed].flat().map(String);
}

function show(value: unknown): string {
  const isNumber = typeof value === 'number';
  const text = isNumber ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
