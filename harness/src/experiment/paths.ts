import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import { cellsOf } from './cells.js';
import type { Experiment } from './experiment.js';
import type { System } from './systems.js';

/** Where everything lies that the harness uses. */
export interface Paths {
  readonly root: string;
  readonly build: string;
  readonly coordinator: string;
  readonly matmulWorker: string;
  /** The worker of a tab as a native program. */
  readonly swarmWorker: string;
  readonly loadGenerator: string;
  /** The pages of the browser workers and of the main app. */
  readonly site: string;
  readonly browser: string;
  readonly results: string;
}

export function makePaths(
  root: string,
  { build, out, browserPath }: { build?: string; out?: string; browserPath?: string },
): Paths {
  const buildRoot = resolve(build ?? join(root, 'build'));
  const bin = join(buildRoot, 'release', 'bin');
  return {
    root,
    build: buildRoot,
    coordinator: join(bin, 'coordinator'),
    matmulWorker: join(bin, 'matmul-worker'),
    swarmWorker: join(bin, 'swarm-worker'),
    loadGenerator: join(bin, 'load-generator'),
    site: join(buildRoot, 'wasm', 'site'),
    browser: browserPath ?? findOnPath('chromium-headless-shell') ?? 'chromium-headless-shell',
    results: resolve(out ?? join(root, 'results')),
  };
}

/** The programs that measure or are measured, by the name under which a run records their hashes. */
export function programsOf(paths: Paths): Record<string, string> {
  return {
    coordinator: paths.coordinator,
    'matmul-worker': paths.matmulWorker,
    'swarm-worker': paths.swarmWorker,
    'load-generator': paths.loadGenerator,
  };
}

/**
 * Throws an Error that names what is missing of the programs and files that this experiment needs,
 * and how to get it.
 */
export function checkPaths(paths: Paths, experiment: Experiment): void {
  const systems = cellsOf(experiment).map(({ system }) => system);
  const needed = new Set([paths.loadGenerator, ...systems.flatMap((each) => needsOf(each, paths))]);
  const missing = [...needed].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(
      `not built: ${missing.join(', ')}; ${runExperiment()} builds them, or give --build`,
    );
  }
  if (systems.some(({ engine }) => engine === 'browser') && !isExecutable(paths.browser)) {
    throw new Error(
      `no browser at '${paths.browser}'; install chromium-headless-shell, or give --browser-path`,
    );
  }
}

/** Throws UsageError when a browser was named for an experiment that needs none. */
export function checkBrowserPath(browserPath: string | undefined, experiment: Experiment): void {
  if (browserPath === undefined || runsInBrowser(experiment)) return;
  const names = experiment.systems.map(({ name }) => name).join(', ');
  throw new UsageError(
    `--browser-path ${browserPath} has no effect: none of ${names} runs in a browser`,
  );
}

function runsInBrowser(experiment: Experiment): boolean {
  return cellsOf(experiment).some(({ system }) => system.engine === 'browser');
}

/** The programs and pages that a system is made of. */
function needsOf({ engine, transport }: System, paths: Paths): string[] {
  switch (transport) {
    case 'inproc':
      return [];
    case 'tcp':
    case 'tcp-text':
    case 'grpc':
      return [paths.matmulWorker];
    case 'rest':
    case 'ws': {
      const workers = engine === 'browser' ? join(paths.site, 'worker.html') : paths.swarmWorker;
      return [paths.coordinator, workers];
    }
  }
}

function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
