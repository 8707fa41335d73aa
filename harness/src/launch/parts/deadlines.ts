/**
 * How long the parts of a launch may take: so much for one, and more for each further one, since
 * they take turns on the cores. A multiple of what they take on two cores (experiment/eta.ts), so
 * that only what hangs is given up.
 */

/** Native programs that start at once, until the last of them listens. */
export function startMs(programs: number): number {
  return 60_000 + 250 * programs;
}

/** Programs that were told to end, until what is left of them is killed. */
export function stopMs(programs: number): number {
  return 5_000 + 20 * programs;
}

/** Browsers that start at once. */
export function launchBrowserMs(browsers: number): number {
  return 30_000 + 2_000 * browsers;
}

/** Pages of one browser, of so many in all, until they are opened. */
export function openPagesMs(pages: number): number {
  return 30_000 + 1_000 * pages;
}

/** A browser with so many pages, until what is left of it is killed. */
export function closeBrowserMs(pages: number): number {
  return 5_000 + 50 * pages;
}

/** Workers of a coordinator, from their start until all have asked for their first task (EngineCost). */
export function workersMs(workers: number, perWorkerMs: number): number {
  return 60_000 + perWorkerMs * workers;
}

/** A look at so many processes or pages after the measurement; without it a trial still counts. */
export function lookMs(parts: number): number {
  return 10_000 + 100 * parts;
}
