/** Prints what being scraped costs: `npm run scrape-cost`, or `… -- rpc-tcp 8` (system, pairs). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planTrials } from '../experiment/plan.js';
import { readSystems } from '../experiment/systems.js';
import { Programs } from '../launch/processes.js';
import { makePaths } from '../paths.js';
import type { Estimate } from '../stats.js';
import { measureScrapeCost } from './scrape_cost.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const [name = 'rest-wasm', pairs = '8'] = process.argv.slice(2);

const systems = readSystems(join(ROOT, 'experiments', 'systems.yaml'));
const system = systems.find((candidate) => candidate.name === name);
if (system === undefined) throw new Error(`there is no system '${name}'`);
const experiment = {
  systems: [system],
  workers: [1],
  // Short tasks, to which anything that is added shows most.
  n: 32,
  in_flight: 1,
  duration_s: 4,
  launches: 1,
  seed: 1,
  browsers: 'shared',
  attached: false,
} as const;
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
const percent = ({ value, low = Number.NaN, high = Number.NaN }: Estimate) =>
  [value, low, high].map((share) => `${(100 * share).toFixed(2)} %`).join('  ');
process.stdout.write(`added to the mean    ${percent(cost.addedToMean)}\n`);
process.stdout.write(`added to the median  ${percent(cost.addedToMedian)}\n`);
process.exit(0);
