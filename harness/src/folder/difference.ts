/** One place in which two values differ: `axes.n: 128 → 256`. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Where two JSON values differ, in the order of their fields. Lists of different length differ as a
 * whole.
 */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isFields(before) && isFields(after) && isAlike(before, after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

export function describeDifference({ path, before, after }: Difference): string {
  return `${path}: ${show(before)} → ${show(after)}`;
}

type Fields = Record<string, unknown>;

/** Both objects, or both lists of the same length. */
function isAlike(before: Fields, after: Fields): boolean {
  if (!Array.isArray(before) && !Array.isArray(after)) return true;
  return Array.isArray(before) && Array.isArray(after) && before.length === after.length;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
