import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Teardown } from '../base/teardown.js';
import type { Trial } from '../experiment/plan.js';
import type { Launch, LaunchContext } from '../launch/context.js';
import type { Launched } from '../launch/launched.js';
import { Losses } from '../launch/parts/losses.js';
import { JOBS } from '../launch/program_metrics.js';
import { launchSystem } from '../launch/system.js';
import { loadArguments, runLoad } from '../measure/load.js';
import { measure } from '../measure/measurement.js';
import { readSamples } from '../measure/samples.js';
import { registerSurroundings } from '../metrics/machine_metrics.js';
import type { Relay } from '../metrics/relay.js';
import { RunMetrics } from '../metrics/run_metrics.js';
import { MetricsServer } from '../metrics/server.js';
import { type Estimate, estimateOfPositive } from '../stats/estimate.js';

/** How often Prometheus asks: scrape_interval in dashboards/prometheus/prometheus.yml. */
const SCRAPE_INTERVAL_MS = 1000;

/** Two measurements next to each other, one of them while metrics were asked for. */
export interface ScrapePair {
  readonly quietMeanMs: number;
  readonly scrapedMeanMs: number;
  readonly quietMedianMs: number;
  readonly scrapedMedianMs: number;
}

/** What being asked for metrics every second does to a response time: scraped over quiet. */
export interface ScrapeCost {
  readonly pairs: readonly ScrapePair[];
  /** Of the means, over pairs: some requests meet a scrape. */
  readonly meanRatio: Estimate;
  /** Of the medians, over pairs: most meet none. */
  readonly medianRatio: Estimate;
}

/**
 * Measures what being scraped adds: launches one system once, puts the experiment's load on it
 * twice for each pair, and asks every second for all its metrics, as Prometheus does through the
 * harness, during one of the two. Which of them comes first alternates. The
 * `logs` of `context` take the samples. What was launched is stopped again.
 */
export async function measureScrapeCost(
  trial: Trial,
  context: LaunchContext & { readonly relay: Relay },
  pairs: number,
): Promise<ScrapeCost> {
  const teardown = new Teardown();
  try {
    const { relay } = context;
    const { registry } = new RunMetrics([trial], context.experiment);
    registerSurroundings(registry);
    const server = await MetricsServer.start(0, registry, relay);
    teardown.add('the metrics', () => server.close());
    const launch: Launch = { teardown, losses: new Losses(), endings: {} };
    const launched = await launchSystem(trial, context, launch);
    const load = (name: string) => measureOnce(trial, context, launched, launch, name);
    const scraped = (name: string) => whileScraped(server.address, () => load(name));
    const measured: ScrapePair[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? [load, scraped] : [scraped, load];
      const first = await (order[0] ?? load)(`${pair}-first`);
      const second = await (order[1] ?? load)(`${pair}-second`);
      const [quiet, asked] = pair % 2 === 0 ? [first, second] : [second, first];
      measured.push({
        quietMeanMs: quiet.meanResponseMs,
        scrapedMeanMs: asked.meanResponseMs,
        quietMedianMs: quiet.medianResponseMs,
        scrapedMedianMs: asked.medianResponseMs,
      });
    }
    return summarise(measured);
  } finally {
    await teardown.run();
  }
}

function summarise(pairs: readonly ScrapePair[]): ScrapeCost {
  return {
    pairs,
    meanRatio: estimateOfPositive(pairs.map((pair) => pair.scrapedMeanMs / pair.quietMeanMs)),
    medianRatio: estimateOfPositive(pairs.map((pair) => pair.scrapedMedianMs / pair.quietMedianMs)),
  };
}

async function measureOnce(
  trial: Trial,
  context: LaunchContext,
  launched: Launched,
  launch: Launch,
  name: string,
) {
  const samples = join(context.logs, `scrape-cost-${name}.csv`);
  mkdirSync(context.logs, { recursive: true });
  const args = loadArguments(trial, context, launched, samples);
  const load = await runLoad(args, trial, context, launched, launch, () => undefined);
  return measure(readSamples(samples), { ...load, open: false });
}

/** Asks for everything once a second while `work` goes on. */
async function whileScraped<T>(address: string, work: () => Promise<T>): Promise<T> {
  const paths = ['/metrics', ...JOBS.map((job) => `/metrics/${job}`)];
  let failure: unknown;
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}${path}`);
    if (!response.ok) throw new Error(`${path} was answered with status ${response.status}`);
    await response.text();
  };
  const timer = setInterval(() => {
    Promise.all(paths.map(ask)).catch((error: unknown) => {
      failure = error;
    });
  }, SCRAPE_INTERVAL_MS);
  const result = await work().finally(() => clearInterval(timer));
  // A measurement of what did not happen is none.
  if (failure !== undefined) throw failure;
  return result;
}
