/** What runs of schema version 2 do not say, because there was one value of it then. */
import type { Experiment } from '../experiment/experiment.js';
import { collectionOf, connectionsOf } from '../experiment/systems.js';
import type { TrialRow } from './rows.js';

const AXES = {
  values: ['real'],
  split: ['none'],
  service_ms: [0],
  browser_flags: ['none'],
} as const;

/** The experiment of a manifest of any version that can be read, as it is written now. */
export function completeExperiment(experiment: Experiment): Experiment {
  return { most_workers: {}, ...experiment, axes: { ...AXES, ...experiment.axes } };
}

/** A row of any version that can be read, as it is written now. */
export function completeRow<T extends TrialRow>(row: T): T {
  const { system: name, engine, transport, codec, kernel, dispatch } = row;
  const system = { name, engine, transport, codec, kernel, dispatch };
  return {
    collection: collectionOf(system),
    connections: connectionsOf(system),
    values: 'real',
    split: 'none',
    service_ms: 0,
    browser_flags: 'none',
    browser_arguments: null,
    ...row,
  };
}
