import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { type Document, isMap, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import { UsageError } from '../base/errors.js';
import { REPOSITORY } from '../base/shell.js';
import { explainNotation, explainPlace, explainValues } from './yaml_words.js';

/** Keys and indices that lead from the top of a document to one of its values. */
export type Path = readonly (string | number)[];

/** What a YAML file says, and where it says it. */
export interface YamlFile<T> {
  readonly value: T;
  /** `experiments/scaling.yaml:4:12`, of the value at the end of the path, or of the last that exists on the way. */
  placeOf(path: Path): string;
}

const SCHEMAS = join(REPOSITORY, 'experiments');

/** Far more than is written by hand: a larger file was named by mistake. */
const MOST_BYTES = 1_048_576;

/**
 * Reads a YAML file and checks it against experiments/<schema>.schema.json. Throws UsageError with
 * file, line and column when it is not there, is not YAML, or is not what the schema says.
 */
export function readYaml<T>(path: string, schema: string): YamlFile<T> {
  const text = readText(path);
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const { document, value } = valuesOf(text, lines, at);
  const placeOf = (where: Path) => at(offsetOf(document.contents, where));
  const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(
    JSON.parse(readText(join(SCHEMAS, `${schema}.schema.json`))),
  );
  if (!validate(value)) {
    const errors = mostTelling(validate.errors ?? []);
    const where = errors[0] === undefined ? [] : pathOf(errors[0]);
    const what = value === null ? 'it is empty; expected fields with values' : explainPlace(errors);
    throw new UsageError(`${placeOf(where)}: ${where.join('.') || 'the file'}: ${what}`);
  }
  return { value: value as T, placeOf };
}

/** The document and its values. Throws UsageError when its notation is wrong, or it unfolds too far. */
function valuesOf(
  text: string,
  lineCounter: LineCounter,
  at: (offset: number) => string,
): { document: Document.Parsed; value: unknown } {
  try {
    const document = parseDocument(text, { lineCounter, logLevel: 'error', stringKeys: true });
    const [broken] = [...document.errors, ...document.warnings];
    if (broken !== undefined) {
      const [offset] = broken.pos;
      throw new UsageError(`${at(offset)}: ${explainNotation(broken, text)}`);
    }
    return { document, value: document.toJS() };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { offset, what } = explainValues(error, text);
    throw new UsageError(`${at(offset)}: ${what}`);
  }
}

function readText(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return readAll(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** Also of a pipe, whose length is unknown. */
function readAll(file: number): string {
  if (fstatSync(file).isDirectory()) throw new Error('it is a folder; expected a file');
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, null);
  }
  if (length > MOST_BYTES)
    throw new Error(`it has more than ${MOST_BYTES} bytes; expected a file written by hand`);
  return bytes.toString('utf8', 0, length);
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  return message;
}

/**
 * Of the errors that the alternatives of a union bring along, those of one place: the deepest in the
 * document, and of several the one where most alternatives fail.
 */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject[] {
  const places = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (error.keyword === 'anyOf') continue;
    const place = pathOf(error).join('/');
    places.set(place, [...(places.get(place) ?? []), error]);
  }
  const depth = ([error]: readonly ErrorObject[]) => (error ? pathOf(error).length : 0);
  const ranked = [...places.values()].sort((a, b) => depth(b) - depth(a) || b.length - a.length);
  return ranked[0] ?? [...errors];
}

/** Of an unknown field, that field. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split('/').slice(1);
  const unescaped = path.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const unknown: unknown = params['additionalProperty'];
  return typeof unknown === 'string' ? [...unescaped, unknown] : unescaped;
}

function offsetOf(top: Node | null, path: Path): number {
  let node = top;
  for (const key of path) {
    const next = step(node, key);
    if (next === undefined) break;
    node = next;
  }
  return node?.range?.[0] ?? 0;
}

/** The key itself of a pair whose value is not there, so that an unknown field is pointed at. */
function step(node: Node | null, key: string | number): Node | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isPair(item) && String(item.key) === String(key));
    return (pair?.value ?? pair?.key) as Node | undefined;
  }
  const child = (node as { get?: (key: number, keep: true) => unknown } | null)?.get?.(
    Number(key),
    true,
  );
  return child as Node | undefined;
}
