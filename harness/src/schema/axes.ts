import { AXES } from '../experiment/axes.js';
import type { Axis } from '../experiment/axis.js';

/** The JSON schema of the field `axes` of an experiment: for each axis a value, or several. */
export function schemaOfAxes(description: string, axes: readonly Axis[] = AXES): object {
  return {
    additionalProperties: false,
    description,
    properties: Object.fromEntries(axes.map((axis) => [axis.name, schemaOf(axis)])),
    type: 'object',
  };
}

function schemaOf({ values: { schemas }, description }: Axis): object {
  const [only] = schemas;
  const items = schemas.length === 1 ? only : { anyOf: schemas };
  return {
    anyOf: [...schemas, { items, type: 'array' }],
    ...(description !== undefined && { description }),
  };
}
