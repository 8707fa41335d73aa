import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Experiment } from './experiment/experiment.js';

/** Where everything lies that the harness uses. */
export interface Paths {
  readonly root: string;
  readonly build: string;
  readonly coordinator: string;
  readonly matmulWorker: string;
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
    'load-generator': paths.loadGenerator,
  };
}

/**
 * Throws an Error that names what is missing of the programs and files that this experiment needs,
 * and how to get it.
 */
export function checkPaths(paths: Paths, experiment: Experiment): void {
  const transports = new Set(experiment.systems.map((system) => system.transport));
  const needed = [paths.loadGenerator];
  if (transports.has('tcp')) needed.push(paths.matmulWorker);
  if (transports.has('rest')) needed.push(paths.coordinator, join(paths.site, 'worker.html'));
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(
      `not built: ${missing.join(', ')}; ./run-experiment builds them, or give --build`,
    );
  }
  if (transports.has('rest') && !isExecutable(paths.browser)) {
    throw new Error(
      `no browser at '${paths.browser}'; install chromium-headless-shell, or give --browser-path`,
    );
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
