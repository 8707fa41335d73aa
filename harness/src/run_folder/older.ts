/** What older runs do not say: because there was one value of it then, or because nothing else was known. */
import { AXES, defaultAxes } from '../experiment/axes.js';
import { type Axis, defaultOf } from '../experiment/axis.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Manifest } from './manifest.js';
import type { TrialRow } from './rows.js';

/** The axes of version 3 before manifests listed them, in the order of their fields. */
const AXES_OF_VERSION_3 = [
  ...['engine', 'transport', 'codec', 'kernel', 'dispatch', 'collection', 'connections'],
  ...['workers', 'n', 'values', 'split', 'service_ms', 'in_flight', 'rate_per_s'],
  ...['browser_flags', 'browsers', 'attached'],
];
const NOT_IN_VERSION_2 = [
  ...['collection', 'connections', 'values', 'split', 'service_ms', 'browser_flags'],
];

/** The names of the axes of a run, in the order of their fields. */
export function axesOfRun({ schema_version, axes }: Manifest): readonly string[] {
  if (axes !== undefined) return axes.map(({ name }) => name);
  const missing = schema_version === 2 ? NOT_IN_VERSION_2 : [];
  return AXES_OF_VERSION_3.filter((name) => !missing.includes(name));
}

/** The experiment of a manifest of any version that can be read, as it is written now. */
export function completeExperiment(
  experiment: Experiment,
  axes: readonly Axis[] = AXES,
): Experiment {
  const defaults: Partial<Experiment> = { most_workers: {} };
  return { ...defaults, ...experiment, axes: { ...defaultAxes(axes), ...experiment.axes } };
}

/** A row of any version that can be read, as it is written now. */
export function completeRow<T extends TrialRow>(row: T, axes: readonly Axis[] = AXES): T {
  const { system: name, engine, transport, codec, kernel, dispatch } = row;
  const system = { name, engine, transport, codec, kernel, dispatch };
  const defaults: Partial<TrialRow> = {
    ...Object.fromEntries(
      axes.map((axis) => [axis.name, axis.inSystem?.(system) ?? defaultOf(axis)]),
    ),
    browser_arguments: null,
    took_s: (Date.parse(row.ended_at) - Date.parse(row.started_at)) / 1000,
    clock_jump_s: 0,
    suspended_s: 0,
  };
  return { ...defaults, ...row };
}
