import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject } from 'ajv';
import { isMap, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import { messageOf, UsageError } from '../errors.js';

/** Keys and indices that lead from the top of a document to one of its values. */
export type Path = readonly (string | number)[];

/** What a YAML file says, and where it says it. */
export interface YamlFile<T> {
  readonly value: T;
  /** `experiments/scaling.yaml:4:12`, of the value at the end of the path, or of the last that exists on the way. */
  placeOf(path: Path): string;
}

const SCHEMAS = fileURLToPath(new URL('../../../../experiments/', import.meta.url));

/**
 * Reads a YAML file and checks it against experiments/<schema>.schema.json. Throws UsageError with
 * file, line and column when it is not there, is no YAML, or is not what the schema says.
 */
export function readYaml<T>(path: string, schema: string): YamlFile<T> {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new UsageError(`${at(broken.pos[0])}: ${broken.message.split(' at line')[0]}`);
  }
  const placeOf = (where: Path) => at(offsetOf(document.contents, where));
  const value: unknown = document.toJS();
  const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(
    JSON.parse(readText(`${SCHEMAS}${schema}.schema.json`)),
  );
  if (!validate(value)) {
    const error = mostTelling(validate.errors ?? []);
    const where = pathOf(error);
    throw new UsageError(`${placeOf(where)}: ${where.join('.') || 'the file'}: ${explain(error)}`);
  }
  return { value: value as T, placeOf };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

/** Of the errors that the alternatives of a union bring along, the one deepest in the document. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const depth = (error: ErrorObject) => pathOf(error).length;
  const [first, ...others] = errors.filter((error) => error.keyword !== 'anyOf');
  if (first === undefined) return errors[0] as ErrorObject;
  return others.reduce((best, error) => (depth(error) > depth(best) ? error : best), first);
}

/** Of an unknown field, that field. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split('/').slice(1);
  const unescaped = path.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const unknown: unknown = params['additionalProperty'];
  return typeof unknown === 'string' ? [...unescaped, unknown] : unescaped;
}

function explain({ keyword, message, params, data, parentSchema }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return `there is no such field; expected ${Object.keys(parentSchema?.['properties'] ?? {}).join(', ')}`;
    case 'enum':
    case 'const':
      return `${show(data)} is not expected; expected ${[params['allowedValues'] ?? params['allowedValue']].flat().join(' or ')}`;
    case 'required':
      return `${message}`;
    default:
      return `${show(data)} ${message}`;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
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
