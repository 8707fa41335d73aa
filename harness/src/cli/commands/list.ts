import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { runExperiment } from '../../base/shell.js';
import { AXES } from '../../experiment/axes.js';
import { isOfSystem, valueIn } from '../../experiment/axis.js';
import { listExperiments } from '../../experiment/catalogue.js';
import { readSystems, type System } from '../../experiment/systems.js';
import type { CommonFlags } from '../request.js';

const FIELDS = AXES.filter(isOfSystem);

/** Prints the experiments and the systems that there are. */
export function listAll(root: string, { json }: CommonFlags): number {
  const folder = join(root, 'experiments');
  const experiments = listExperiments(folder);
  const systems = readSystems(join(folder, 'systems.yaml'));
  if (json) {
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
  return EXIT.ok;
}

function rowOf(system: System): string[] {
  return [system.name, ...FIELDS.map((axis) => String(valueIn(axis, { system }) ?? '–'))];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
