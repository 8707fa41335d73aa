import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from '../../src/engines/browser.js';
import { native } from '../../src/engines/native.js';
import { openPagesMs, startMs, workersMs } from '../../src/launch/parts/deadlines.js';

/** What one took on two cores with nothing else to do (experiment/eta.ts). */
const PAGE_MS = 160;
const PROGRAM_MS = 30;

test('time-outs leave several times what a launch takes, however many workers it has', () => {
  for (const workers of [1, 16, 300, 1024]) {
    assert.ok(openPagesMs(workers) > 5 * PAGE_MS * workers, `${workers} pages`);
    assert.ok(
      workersMs(workers, browser.cost.startMsPerWorker) > 5 * PAGE_MS * workers,
      `${workers} tabs`,
    );
    assert.ok(
      workersMs(workers, native.cost.startMsPerWorker) > 5 * PROGRAM_MS * workers,
      `${workers} workers`,
    );
    assert.ok(startMs(workers) > 5 * PROGRAM_MS * workers, `${workers} programs`);
  }
});
