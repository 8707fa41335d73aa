import assert from 'node:assert/strict';

/** Until the condition holds: processes start when they can. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
