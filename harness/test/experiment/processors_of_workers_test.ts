import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLACEMENTS } from '../../src/experiment/axes.js';
import { processorsOfWorkers } from '../../src/experiment/processors_of_workers.js';
import { placementOf } from '../../src/launch/placement.js';

test('as many as their placement gives them', () => {
  for (const pin of PLACEMENTS) {
    for (const count of [2, 3, 4, 8]) {
      const { workers } = placementOf(
        pin,
        Array.from({ length: count }, (_, i) => i),
      );
      assert.equal(processorsOfWorkers(pin, count), workers?.length ?? count, `${pin}, ${count}`);
    }
  }
});
