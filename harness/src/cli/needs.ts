import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { EngineNeed } from '../engines/engine.js';
import type { Experiment } from '../experiment/experiment.js';
import { firstWords } from './flags.js';
import type { Request } from './request.js';

/** What a command needs of the machine next to the harness itself; ../../run-experiment sets it up. */
export type Need = 'programs' | EngineNeed | 'browser' | 'figures' | 'prometheus';

/**
 * What the request needs. Throws UsageError where it cannot be carried out whatever the machine has:
 * before minutes are spent on it.
 */
export async function needsOf(root: string, request: Request): Promise<readonly Need[]> {
  switch (request.command) {
    case 'run': {
      const { findExperiment, readExperiment } = await import('../experiment/catalogue.js');
      const folder = join(root, 'experiments');
      const found = findExperiment(folder, request.experiment, firstWords());
      const experiment = readExperiment(folder, found, request.overrides, randomInt(2 ** 32));
      return needsOfMeasuring(request, await engineNeedsOf(experiment));
    }
    case 'resume': {
      const { readManifest } = await import('../run_folder/store.js');
      const { experiment } = readManifest(resolve(request.run));
      return needsOfMeasuring(request, await engineNeedsOf(experiment));
    }
    case 'doctor':
      return needsOfMeasuring(request, []);
    case 'isolation': {
      const { hosts } = await import('../isolation/all.js');
      const asked = hosts().filter(({ name }) => request.engines?.includes(name) ?? true);
      const needs = asked.flatMap((engine) => engine.needs ?? []);
      const ofBuild: Need[] = request.build === undefined ? ['programs'] : [];
      return [...ofBuild, ...new Set(needs)];
    }
    case 'sql':
      return ['engine:duckdb'];
    case 'report':
      return ['figures'];
    case 'plan':
    case 'list':
    case 'compare':
    case 'check':
    case 'export':
    case 'verify':
    case 'completion':
    case 'version':
      return [];
  }
}

/** Programs that were built elsewhere are taken as they are. */
function needsOfMeasuring(
  {
    build,
    metrics,
    report = true,
  }: {
    readonly build?: string;
    readonly metrics?: { readonly prometheus?: boolean };
    readonly report?: boolean;
  },
  ofEngines: readonly EngineNeed[],
): Need[] {
  return [
    ...(build === undefined ? (['programs'] as const) : []),
    ...ofEngines.filter((need) => need !== 'wasi' || build === undefined),
    'browser',
    ...(report ? (['figures'] as const) : []),
    ...(metrics?.prometheus ? (['prometheus'] as const) : []),
  ];
}

/** What the engines of the experiment need besides what all do. */
async function engineNeedsOf({ systems }: Pick<Experiment, 'systems'>): Promise<EngineNeed[]> {
  const { engineOf } = await import('../experiment/systems.js');
  return [...new Set(systems.flatMap((system) => engineOf(system).needs ?? []))];
}
