/** What older runs do not say: because there was one value of it then, or because nothing else was known. */
import type { Experiment, ExperimentAxes } from '../experiment/experiment.js';
import { collectionOf, connectionsOf } from '../experiment/systems.js';
import type { TrialRow } from './rows.js';

const AXES: Partial<ExperimentAxes> = {
  values: ['real'],
  split: ['none'],
  service_ms: [0],
  browser_flags: ['none'],
};

/** The experiment of a manifest of any version that can be read, as it is written now. */
export function completeExperiment(experiment: Experiment): Experiment {
  const defaults: Partial<Experiment> = { most_workers: {} };
  return { ...defaults, ...experiment, axes: { ...AXES, ...experiment.axes } };
}

/** A row of any version that can be read, as it is written now. */
export function completeRow<T extends TrialRow>(row: T): T {
  const { system: name, engine, transport, codec, kernel, dispatch } = row;
  const system = { name, engine, transport, codec, kernel, dispatch };
  const defaults: Partial<TrialRow> = {
    collection: collectionOf(system),
    connections: connectionsOf(system),
    values: 'real',
    split: 'none',
    service_ms: 0,
    browser_flags: 'none',
    browser_arguments: null,
    took_s: (Date.parse(row.ended_at) - Date.parse(row.started_at)) / 1000,
    clock_jump_s: 0,
    suspended_s: 0,
  };
  return { ...defaults, ...row };
}
