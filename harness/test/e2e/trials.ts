/** Single trials with the real programs, and what runs meanwhile. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { makePaths, type Paths } from '../../src/experiment/paths.js';
import { planTrials } from '../../src/experiment/plan.js';
import { readSystems } from '../../src/experiment/systems.js';
import { Programs } from '../../src/launch/parts/processes.js';
import { type EndedTrial, runTrial, type TrialEvent } from '../../src/measure/trial.js';
import { Relay } from '../../src/metrics/relay.js';
import { EXPERIMENT } from '../examples.js';
import { ProcessWatch } from '../machine.js';

const SYSTEMS = readSystems(join(ROOT, 'experiments', 'systems.yaml'));

/** For the tests of one file: each fails that leaves a process behind. */
export class Trials {
  readonly folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  readonly watch = new ProcessWatch(`ENXAME_TEST_MARK=${this.folder}`);
  readonly paths: Paths;

  constructor() {
    const build = process.env['ENXAME_BUILD'];
    this.paths = makePaths(ROOT, build === undefined ? {} : { build });
    process.env['ENXAME_TEST_MARK'] = this.folder;
    after(() => {
      this.watch.end();
      rmSync(this.folder, { recursive: true });
    });
    afterEach(() => assert.deepEqual(this.watch.find(), [], 'a process was left behind'));
  }

  /** Runs the one trial of an experiment. */
  run(experiment: Experiment, onEvent: (event: TrialEvent) => void): Promise<EndedTrial> {
    const [trial, ...others] = planTrials(experiment);
    assert.ok(trial && others.length === 0);
    const { signal } = new AbortController();
    const programs = new Programs();
    const { paths, folder: logs } = this;
    const context = { experiment, paths, programs, logs, relay: new Relay(), signal };
    return runTrial(trial, context, join(logs, 'samples.csv'), onEvent);
  }
}

/** One launch of a system, which measures as soon as its workers are steady. */
export function experimentOf(
  system: string,
  durationS: number,
  axes: Partial<Experiment['axes']>,
): Experiment {
  return {
    ...EXPERIMENT,
    systems: SYSTEMS.filter(({ name }) => name === system),
    axes: { ...EXPERIMENT.axes, ...axes },
    repetition: {
      ...{ launches: 1, duration_s: durationS, samples: null },
      ...{ warm_up_s: 0, warm_up_limit_s: 3 },
    },
  };
}
