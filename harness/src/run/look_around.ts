import { Teardown } from '../base/teardown.js';
import type { BrowserFacts, EngineFacts } from '../engines/engine.js';
import { cellsOf } from '../experiment/cells.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Paths } from '../experiment/paths.js';
import { engineOf } from '../experiment/systems.js';
import { HeadlessBrowser } from '../launch/browser/browser.js';
import type { Programs } from '../launch/parts/processes.js';
import { describeEnvironment, type Environment } from '../run_folder/environment.js';

/** What it takes to look at what is going to be measured. */
export interface Surroundings {
  readonly experiment: Experiment;
  readonly paths: Paths;
  readonly programs: Programs;
  readonly signal: AbortSignal;
}

/**
 * Says what the run is going to be measured on. Starts the browser once before anything is
 * measured: it says what it is, and a browser that does not start is found out at once.
 */
export async function lookAround(context: Surroundings): Promise<Environment> {
  const engines = new Set(cellsOf(context.experiment).map(({ system }) => engineOf(system)));
  const probe = { askBrowser: () => askBrowser(context) };
  const facts: EngineFacts[] = [];
  // One after the other: none is to disturb another's start.
  for (const { prepare, describe } of engines) {
    await prepare?.(context.paths);
    if (describe !== null) facts.push(await describe(probe, context.paths));
  }
  return describeEnvironment(context.paths, facts, [...engines]);
}

async function askBrowser({ paths, programs, signal }: Surroundings): Promise<BrowserFacts> {
  const teardown = new Teardown();
  try {
    const browser = await HeadlessBrowser.launch(paths.browser, programs, teardown, signal);
    return { version: browser.version(), commandLine: browser.commandLine() };
  } finally {
    await teardown.run();
  }
}
