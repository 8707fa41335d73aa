/** What a run does not say because it was added after it was measured: each has its default. */
import { AXES, defaultAxes } from '../experiment/axes.js';
import { type Axis, defaultOf } from '../experiment/axis.js';
import {
  DEFAULT_ANSWER,
  DEFAULT_CLOSED,
  DEFAULT_OPEN,
  DEFAULT_VALIDITY,
  defaultOver,
  type Experiment,
} from '../experiment/experiment.js';
import type { TrialRow } from './rows.js';

/** The experiment of a manifest, with all fields and axes that there are now. */
export function completeExperiment(
  experiment: Experiment,
  axes: readonly Axis[] = AXES,
): Experiment {
  const { systems, over = defaultOver(systems), answer = DEFAULT_ANSWER, load } = experiment;
  return {
    ...experiment,
    over,
    answer,
    axes: { ...defaultAxes(axes), ...experiment.axes },
    load: load.kind === 'closed' ? { ...DEFAULT_CLOSED, ...load } : { ...DEFAULT_OPEN, ...load },
    validity: { ...DEFAULT_VALIDITY, ...experiment.validity },
  };
}

/** A row, with the fields of all axes that there are now. */
export function completeRow<T extends TrialRow>(row: T, axes: readonly Axis[] = AXES): T {
  const { system: name, engine, transport, codec, kernel, dispatch } = row;
  const system = { name, engine, transport, codec, kernel, dispatch };
  const defaults = axes.map((axis) => [axis.name, axis.inSystem?.(system) ?? defaultOf(axis)]);
  return { ...Object.fromEntries(defaults), ...row };
}
