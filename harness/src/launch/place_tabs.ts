import { moveTo } from '../base/processors.js';
import type { Placement } from '../experiment/placement.js';
import type { Watched } from './parts/watched.js';

/**
 * Moves the tabs of a browser that runs, each to the processors of the worker that it is, and the
 * browser's other processes to those of all workers. Which tab is whose is unknown, and all the same.
 * Programs, which start where they belong, stay there.
 */
export function placeTabs(processes: readonly Watched[], placement: Placement): void {
  let tabs = 0;
  for (const { pid, isTab } of processes) {
    if (pid === undefined || isTab === undefined) continue;
    moveTo(isTab ? placement.worker(++tabs) : placement.workers, pid);
  }
}
