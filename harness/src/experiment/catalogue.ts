import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { type Experiment, makeExperiment, type Overrides } from './experiment.js';
import type { ExperimentFile } from './file.js';
import { readSystems } from './systems.js';
import { readYaml } from './yaml_file.js';

/** What `./run-experiment` runs when nothing is named. */
export const DEFAULT_EXPERIMENT = 'scaling';

/** An experiment that the repository has. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly question: string;
}

/** The experiments of the folder, by name. Throws UsageError when one of them is malformed. */
export function listExperiments(folder: string): Entry[] {
  return namesIn(folder).map((name) => {
    const path = join(folder, `${name}.yaml`);
    return { name, path, question: readYaml<ExperimentFile>(path, 'experiment').value.question };
  });
}

/**
 * Finds the file of an experiment, which is named or given as a path. `commands` are what may have been
 * meant, too.
 */
export function findExperiment(
  folder: string,
  nameOrFile: string,
  commands: readonly string[] = [],
): { name: string; path: string } {
  const known = join(folder, `${nameOrFile}.yaml`);
  if (/^[\w-]+$/.test(nameOrFile) && existsSync(known)) return { name: nameOrFile, path: known };
  if (existsSync(nameOrFile)) {
    const path = resolve(nameOrFile);
    return { name: path.replace(/^.*\//, '').replace(/\.ya?ml$/, ''), path };
  }
  const names = namesIn(folder);
  const expected = commands.length > 0 ? ', a file, or a command' : ' or a file';
  throw new UsageError(
    `unknown experiment '${nameOrFile}'; expected ${names.join(', ')}${expected}${didYouMean(nameOrFile, [...names, ...commands])}`,
  );
}

/** Reads the experiment in `path` and merges the command line into it. */
export function readExperiment(
  folder: string,
  { name, path }: { name: string; path: string },
  overrides: Overrides,
  freshSeed: number,
): Experiment {
  const shown = relative(process.cwd(), path);
  const file = readYaml<ExperimentFile>(shown.startsWith('..') ? path : shown, 'experiment');
  const systems = readSystems(join(folder, 'systems.yaml'));
  return makeExperiment(name, file.value, overrides, systems, freshSeed, file.placeOf);
}

export function namesIn(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const names = files.map((file) => file.slice(0, -'.yaml'.length));
  return names.filter((name) => name !== 'systems').sort();
}
