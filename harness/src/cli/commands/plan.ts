import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { alignColumns, EXIT, print, printJson } from '../../base/console.js';
import { findExperiment, readExperiment } from '../../experiment/catalogue.js';
import { expectedSeconds, sizeInWords } from '../../experiment/eta.js';
import { planTrials } from '../../experiment/plan.js';
import { inWords } from '../../experiment/size.js';
import type { ExperimentRequest } from '../request.js';

/** Prints every trial that a run would have, in order, and how long all of them would take. */
export function showPlan(root: string, request: ExperimentRequest): number {
  const folder = join(root, 'experiments');
  const found = findExperiment(folder, request.experiment);
  const experiment = readExperiment(folder, found, request.overrides, randomInt(2 ** 32));
  const trials = planTrials(experiment);
  const seconds = trials.map((trial) => expectedSeconds(trial.cell, experiment));
  const total = seconds.reduce((sum, each) => sum + each, 0);
  if (request.json) {
    printJson({
      experiment,
      trials: trials.map(({ id, cell, launch }, i) => {
        return { trial: id, cell: cell.key, launch, expected_s: seconds[i] };
      }),
      expected_s: total,
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
  const { stop } = experiment;
  if (stop !== null) {
    const precision = `${(stop.relative_half_width * 100).toFixed(1)} % of ${stop.measure}`;
    print(
      `then further launches until each interval is within ± ${precision}, or ${inWords(stop.budget_s)} have passed`,
    );
  }
  return EXIT.ok;
}
