/** One place in which two values differ: `axes.n: 128 → 256`. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Where two JSON values differ, in the order of their fields. Lists of different length differ as a
 * whole; numbers, when they are further apart than `tolerance` times the larger.
 */
export function differences(
  before: unknown,
  after: unknown,
  tolerance = 0,
  path = '',
): Difference[] {
  if (isFields(before) && isFields(after) && isAlike(before, after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(before[key], after[key], tolerance, path === '' ? key : `${path}.${key}`),
    );
  }
  if (typeof before === 'number' && typeof after === 'number') {
    const apart = Math.abs(before - after);
    if (apart <= tolerance * Math.max(Math.abs(before), Math.abs(after))) return [];
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
