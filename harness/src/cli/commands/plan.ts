import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson, say } from '../../base/console.js';
import { messageOf, UsageError } from '../../base/errors.js';
import { checkCapabilities } from '../../experiment/capabilities.js';
import { findExperiment, readExperiment } from '../../experiment/catalogue.js';
import { expectedSeconds, sizeInWords } from '../../experiment/eta.js';
import type { Experiment } from '../../experiment/experiment.js';
import { makePaths, type Paths } from '../../experiment/paths.js';
import { checkPlacement } from '../../experiment/placement.js';
import { planTrials } from '../../experiment/plan.js';
import { inWords } from '../../experiment/size.js';
import { longerWindows, windowSeconds } from '../../experiment/window.js';
import type { ExperimentRequest } from '../request.js';
import { powerOf, renderPower } from './plan_power.js';

/** Prints every trial that a run would have, in order, and how long all of them would take. */
export async function showPlan(root: string, request: ExperimentRequest): Promise<number> {
  const folder = join(root, 'experiments');
  const found = findExperiment(folder, request.experiment);
  const experiment = readExperiment(folder, found, request.overrides, randomInt(2 ** 32));
  const paths = makePaths(root, request);
  checkPlacement(experiment);
  await checkAgainstBuild(paths, experiment);
  const trials = planTrials(experiment);
  const seconds = trials.map((trial) => expectedSeconds(trial.cell, experiment));
  const total = seconds.reduce((sum, each) => sum + each, 0);
  const power = request.power && powerOf(experiment, paths, request.power);
  if (request.json) {
    printJson({
      experiment,
      trials: trials.map(({ id, cell, launch }, i) => {
        const window_s = windowSeconds(cell, experiment);
        return { trial: id, cell: cell.key, launch, window_s, expected_s: seconds[i] };
      }),
      expected_s: total,
      ...(power && { power }),
    });
    return EXIT.ok;
  }
  const rows = trials.map(({ id, launch }, i) => [
    id,
    String(launch),
    (seconds[i] ?? 0).toFixed(1),
  ]);
  print(`${experiment.name}: ${experiment.question.trim()}\n`);
  print(alignColumns([['trial', 'block', 'seconds'], ...rows]).join('\n'));
  print(`\n${sizeInWords(trials, experiment)}; seed ${experiment.seed}`);
  const longer = longerWindows(experiment);
  if (longer !== undefined) print(longer);
  const { stop } = experiment;
  if (stop !== null) {
    const precision = `${(stop.relative_half_width * 100).toFixed(1)} % of ${stop.measure}`;
    print(
      `then further launches until each interval is within ± ${precision}, or ${inWords(stop.budget_s)} have passed`,
    );
  }
  if (power !== undefined) print(renderPower(experiment, power));
  return EXIT.ok;
}

/** A build of another version may not answer, and is no reason to show no plan: a run builds anew. */
async function checkAgainstBuild(paths: Paths, experiment: Experiment): Promise<void> {
  try {
    await checkCapabilities(paths, experiment);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    say(`Warning: not checked against the programs of ${paths.bin}: ${messageOf(error)}`);
  }
}
