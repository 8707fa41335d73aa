import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { messageOf } from '../../base/errors.js';
import { runExperiment } from '../../base/shell.js';
import { AXES } from '../../experiment/axes.js';
import { isOfSystem, valueIn } from '../../experiment/axis.js';
import { BuiltPrograms } from '../../experiment/capabilities.js';
import { listExperiments } from '../../experiment/catalogue.js';
import { makePaths, type Paths } from '../../experiment/paths.js';
import { readSystems, type System } from '../../experiment/systems.js';
import type { CommonFlags } from '../request.js';

const FIELDS = AXES.filter(isOfSystem);

/** Prints the experiments and the systems that there are, and which of these the build lacks. */
export async function listAll(root: string, flags: CommonFlags): Promise<number> {
  const folder = join(root, 'experiments');
  const experiments = listExperiments(folder);
  const systems = readSystems(join(folder, 'systems.yaml'));
  if (flags.json) {
    printJson({ experiments, systems });
    return EXIT.ok;
  }
  const names = experiments.map(({ name, question }) => [name, question.trim()]);
  print(`Experiments (${runExperiment('NAME')}):\n${indented(alignColumns(names, 2))}`);
  const table = alignColumns(
    [['name', ...FIELDS.map(({ name }) => name)], ...systems.map(rowOf)],
    FIELDS.length + 1,
  );
  print(`\nSystems (--systems NAME,NAME):\n${indented(table)}`);
  const unsupported = await unsupportedBy(makePaths(root, flags), systems);
  if (unsupported.length > 0) print(`\nNot supported by this build:\n${indented(unsupported)}`);
  return EXIT.ok;
}

/** A line for each system that the programs cannot run, as far as they are built and answer. */
async function unsupportedBy(paths: Paths, systems: readonly System[]): Promise<string[]> {
  const programs = new BuiltPrograms(paths);
  const lines = systems.map(async (system) => {
    const problem = await programs.problemOf(system).catch(messageOf);
    return problem === undefined ? [] : [`${system.name}: ${problem}`];
  });
  return (await Promise.all(lines)).flat();
}

function rowOf(system: System): string[] {
  return [system.name, ...FIELDS.map((axis) => String(valueIn(axis, { system }) ?? '–'))];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
