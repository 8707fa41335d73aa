import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Engine, EngineNeed } from '../engines/engine.js';
import type { Experiment } from '../experiment/experiment.js';
import { firstWords } from './flags.js';
import type { Request } from './request.js';

/** What a command needs of the machine next to the harness itself; ../../run-experiment sets it up. */
export type Need = 'programs' | EngineNeed | 'browser' | 'figures' | 'prometheus' | 'postgres';

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
    case 'footprint':
    case 'isolation':
      return needsOfProbing(request, (await import('../probing/isolation.js')).hosts());
    case 'overshoot':
      return needsOfProbing(request, (await import('../probing/overshoot.js')).limiting());
    case 'orchestrate': {
      const { ORCHESTRATORS } = await import('../orchestration/all.js');
      const asked = ORCHESTRATORS.filter(
        ({ name }) => request.orchestrators?.includes(name) ?? true,
      );
      return needsOfProbing({ ...(request.build && { build: request.build }) }, asked);
    }
    case 'portability': {
      const { FOREIGN_NEEDS } = await import('../probing/portability.js');
      const { hosts } = await import('../probing/isolation.js');
      const foreign = { name: 'foreign', needs: FOREIGN_NEEDS };
      const { engines, ...other } = request;
      const chosen = hosts().filter(({ name }) => engines?.includes(name) ?? true);
      return needsOfProbing(other, [...chosen, foreign]);
    }
    case 'send':
      return ['postgres'];
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

/** Of commands that start a probe in engines. */
function needsOfProbing(
  { build, engines }: { readonly build?: string; readonly engines?: readonly string[] },
  all: readonly Pick<Engine, 'name' | 'needs'>[],
): Need[] {
  const asked = all.filter(({ name }) => engines?.includes(name) ?? true);
  const needs = new Set(asked.flatMap((engine) => engine.needs ?? []));
  return build === undefined
    ? ['programs', ...needs]
    : [...needs].filter((need) => need !== 'wasi');
}

/** What the engines of the experiment need besides what all do. */
async function engineNeedsOf({ systems }: Pick<Experiment, 'systems'>): Promise<EngineNeed[]> {
  const { engineOf } = await import('../experiment/systems.js');
  return [...new Set(systems.flatMap((system) => engineOf(system).needs ?? []))];
}
