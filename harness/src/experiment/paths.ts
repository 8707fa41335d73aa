import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import { ENGINES } from '../engines/all.js';
import type { AnyWorkers, Engine } from '../engines/engine.js';
import type { Built } from '../systems/fields.js';
import { TOPOLOGIES } from '../systems/topologies.js';
import { cellsOf } from './cells.js';
import type { Experiment } from './experiment.js';
import { engineOf, runsInBrowser, type System, topologyOf } from './systems.js';

/** Where everything lies that the harness uses. */
export interface Paths extends Built {
  readonly root: string;
  readonly build: string;
  readonly loadGenerator: string;
  readonly browser: string;
  readonly results: string;
}

/** Of these every run has all there is: what others need comes and goes. */
export const ALWAYS_BUILT = ENGINES.all().filter(({ needs }) => needs === undefined);

export function makePaths(
  root: string,
  { build, out, browserPath }: { build?: string; out?: string; browserPath?: string },
): Paths {
  const buildRoot = resolve(build ?? join(root, 'build'));
  const bin = join(buildRoot, 'release', 'bin');
  return {
    root,
    build: buildRoot,
    bin,
    coordinator: join(bin, 'coordinator'),
    server: join(bin, 'matmul-server'),
    loadGenerator: join(bin, 'load-generator'),
    site: join(buildRoot, 'wasm', 'site'),
    wasi: join(buildRoot, 'wasi', 'bin'),
    // Whatever was built where: setup/engine puts them there.
    engines: join(root, 'build', 'engines'),
    browser: browserPath ?? findOnPath('chromium-headless-shell') ?? 'chromium-headless-shell',
    results: resolve(out ?? join(root, 'results')),
  };
}

/**
 * The programs that measure or are measured by these engines, by the name under which a run records
 * their hashes.
 */
export function programsOf(
  paths: Paths,
  engines: readonly Engine[] = ALWAYS_BUILT,
): Record<string, string> {
  return {
    coordinator: paths.coordinator,
    'matmul-server': paths.server,
    ...Object.assign({}, ...engines.map((engine) => engine.artefacts(paths).programs)),
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
  if (systems.some(runsInBrowser) && !isExecutable(paths.browser)) {
    throw new Error(
      `no browser at '${paths.browser}'; install chromium-headless-shell, or give --browser-path`,
    );
  }
}

/** Throws UsageError when a browser was named for an experiment that needs none. */
export function checkBrowserPath(browserPath: string | undefined, experiment: Experiment): void {
  if (browserPath === undefined || needsBrowser(experiment)) return;
  const names = experiment.systems.map(({ name }) => name).join(', ');
  throw new UsageError(
    `--browser-path ${browserPath} has no effect: none of ${names} runs in a browser`,
  );
}

function needsBrowser(experiment: Experiment): boolean {
  return cellsOf(experiment).some(({ system }) => runsInBrowser(system));
}

/** The programs and pages that a system is made of. */
function needsOf(system: System, paths: Paths): string[] {
  const { between, reach } = TOPOLOGIES[topologyOf(system)];
  return [...between(paths), ...filesOf(engineOf(system).workers[reach], paths)];
}

function filesOf(workers: AnyWorkers, paths: Paths): string[] {
  if ('path' in workers) return [workers.path(paths), ...(workers.starts?.(paths) ?? [])];
  return 'page' in workers ? [workers.page(paths)] : [];
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
