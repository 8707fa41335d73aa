/** Systems that tests launch and take down again, of programs that are made up. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Teardown } from '../src/base/teardown.js';
import { waitFor } from '../src/base/wait.js';
import type { CellValues } from '../src/experiment/axes.js';
import type { Experiment } from '../src/experiment/experiment.js';
import { makePaths } from '../src/experiment/paths.js';
import { planTrials, type Trial } from '../src/experiment/plan.js';
import type { System } from '../src/experiment/systems.js';
import type { Launch, LaunchContext } from '../src/launch/context.js';
import type { Launched } from '../src/launch/launched.js';
import { Losses } from '../src/launch/parts/losses.js';
import type { Part } from '../src/launch/parts/part.js';
import { Programs } from '../src/launch/parts/processes.js';
import { launchSystem } from '../src/launch/system.js';
import { Relay } from '../src/metrics/relay.js';
import { EXPERIMENT } from './examples.js';
import { makeFakeBuild } from './fakes/build.js';

/** What is told as lost within five seconds. */
export async function lossIn(losses: Losses): Promise<string> {
  const { signal } = new AbortController();
  const never = new Promise<never>(() => undefined);
  const lost = losses.cutShort(never).catch((error: Error) => error.message);
  return waitFor(lost, { what: 'a loss', deadlineMs: 5_000, signal });
}

export interface TestLaunch extends Launch {
  readonly launched: Launched;
  readonly part: (name: string) => Part;
}

/** A system of two workers that stands until the end of the test; `values` of its cell, if any. */
export async function launchFakes(
  t: TestContext,
  system: System,
  values: Partial<CellValues> = {},
): Promise<TestLaunch> {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  makeFakeBuild(folder);
  const experiment: Experiment = {
    ...EXPERIMENT,
    systems: [system],
    axes: { ...EXPERIMENT.axes, workers: [2] },
  };
  const context: LaunchContext = {
    experiment,
    paths: makePaths(folder, { build: folder }),
    programs: new Programs(),
    logs: folder,
    relay: new Relay(),
    signal: new AbortController().signal,
  };
  const launch: Launch = { teardown: new Teardown(), losses: new Losses(), endings: {} };
  t.after(async () => {
    launch.losses.close();
    assert.deepEqual(await launch.teardown.run(), []);
    rmSync(folder, { recursive: true });
  });
  const [planned] = planTrials(experiment) as [Trial];
  const trial = { ...planned, cell: { ...planned.cell, ...values } };
  const launched = await launchSystem(trial, context, launch);
  const part = (name: string) => {
    const found = launched.parts.find((each) => each.name === name);
    if (found === undefined) {
      throw new Error(`no ${name} in ${launched.parts.map((each) => each.name)}`);
    }
    return found;
  };
  return { ...launch, launched, part };
}
