/** Prints what being scraped costs: `npm run scrape-cost`, or `… -- rpc-tcp 8` (system, pairs). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Experiment } from '../experiment/experiment.js';
import { planTrials } from '../experiment/plan.js';
import { readSystems } from '../experiment/systems.js';
import { Programs } from '../launch/processes.js';
import { makePaths } from '../paths.js';
import type { Estimate } from '../stats/estimate.js';
import { measureScrapeCost } from './scrape_cost.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const [name = 'rest-wasm', pairs = '8'] = process.argv.slice(2);

const systems = readSystems(join(ROOT, 'experiments', 'systems.yaml'));
const system = systems.find((candidate) => candidate.name === name);
if (system === undefined) throw new Error(`there is no system '${name}'`);
const experiment: Experiment = {
  name: 'scrape-cost',
  question: 'What does being asked for metrics every second add to a response time?',
  systems: [system],
  // Short tasks, to which anything that is added shows most.
  axes: { workers: [1], n: [32], in_flight: [1], browsers: ['shared'], attached: [false] },
  load: { kind: 'closed' },
  repetition: { launches: 1, duration_s: 2, warm_up_limit_s: 5 },
  seed: 1,
  stop: null,
  validity: { steal_share: 1, other_load_share: 1, closure_share: 1, wrong: 0 },
};
const [trial] = planTrials(experiment);
if (trial === undefined) throw new Error('the plan is empty');

const logs = mkdtempSync(join(tmpdir(), 'enxame-scrape-cost-'));
const programs = new Programs();
process.on('exit', () => {
  programs.killAll();
  rmSync(logs, { recursive: true, force: true });
});
const signal = new AbortController().signal;
const workshop = { experiment, paths: makePaths(ROOT, {}), programs, logs, signal };
const cost = await measureScrapeCost(trial, workshop, Number(pairs));
for (const pair of cost.pairs) {
  const { quietMeanMs, scrapedMeanMs, quietMedianMs, scrapedMedianMs } = pair;
  const row = [quietMeanMs, scrapedMeanMs, quietMedianMs, scrapedMedianMs];
  process.stdout.write(`${row.map((ms) => ms.toFixed(4)).join('  ')}\n`);
}
const show = ({ value, low = Number.NaN, high = Number.NaN }: Estimate) =>
  [value, low, high].map((ratio) => ratio.toFixed(4)).join('  ');
process.stdout.write(`scraped over quiet, means    ${show(cost.meanRatio)}\n`);
process.stdout.write(`scraped over quiet, medians  ${show(cost.medianRatio)}\n`);
process.exit(0);
