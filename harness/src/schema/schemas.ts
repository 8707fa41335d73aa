/** The schemas of experiments/: made from the types of what its files hold, and from the table of axes. */
import { join } from 'node:path';
import { createGenerator, type Schema } from 'ts-json-schema-generator';
import { REPOSITORY } from '../base/shell.js';
import { schemaOfAxes } from './axes.js';

const HARNESS = join(REPOSITORY, 'harness');

/** Whose files each schema checks, by its name: the source of their type, and the type. */
const SOURCES = {
  experiment: ['src/experiment/file.ts', 'ExperimentFile'],
  systems: ['src/experiment/systems.ts', 'SystemsFile'],
  claims: ['src/analysis/claims.ts', 'ClaimsFile'],
} as const;

/** Each file of a schema, from the root of the repository, and its text. */
export function schemaFiles(): { readonly path: string; readonly text: string }[] {
  return Object.entries(SOURCES).map(([name, [source, type]]) => ({
    path: join('experiments', `${name}.schema.json`),
    text: JSON.stringify(withAxes(schemaOf(source, type)), inOrder, 2),
  }));
}

function schemaOf(source: string, type: string): Schema {
  return createGenerator({
    path: join(HARNESS, source),
    tsconfig: join(HARNESS, 'tsconfig.json'),
    type,
    topRef: false,
    skipTypeCheck: true,
  }).createSchema(type);
}

/** The type of an experiment leaves open what axes there are: the table has them. */
function withAxes({ definitions = {}, ...schema }: Schema): object {
  const { Axes: open, ...others } = definitions;
  if (typeof open !== 'object') return { ...schema, definitions };
  return { ...schema, definitions: { ...others, Axes: schemaOfAxes(open.description ?? '') } };
}

/** Has JSON.stringify write the keys of each object in order, so that equal schemas are equal texts. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
