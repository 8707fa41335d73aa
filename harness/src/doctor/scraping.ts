import { join } from 'node:path';
import { defaultAxes } from '../experiment/axes.js';
import { DEFAULT_ANSWER, DEFAULT_VALIDITY, type Experiment } from '../experiment/experiment.js';
import type { Paths } from '../experiment/paths.js';
import { planTrials, type Trial } from '../experiment/plan.js';
import { readSystems } from '../experiment/systems.js';
import { Relay } from '../metrics/relay.js';
import type { Scope } from '../run/scope.js';
import { mean } from '../stats/moments.js';
import type { Finding } from './finding.js';
import { measureScrapeCost } from './scrape_cost.js';

/** Short tasks, to which anything that is added shows most. */
const SYSTEM = 'rpc-tcp';
const PAIRS = 4;
/** Of a request of a millisecond. */
const MOST_SHARE = 0.02;

/** What being asked for metrics every second, as Prometheus does, adds to a response time. */
export async function examineScraping(paths: Paths, scope: Scope): Promise<Finding[]> {
  const { programs, signal, scratch: logs } = scope;
  const experiment = scrapeExperiment(paths);
  const [trial] = planTrials(experiment) as [Trial];
  const context = { experiment, paths, programs, logs, signal, relay: new Relay() };
  const { pairs, meanRatio } = await measureScrapeCost(trial, context, PAIRS);
  const { value, low = Number.NaN, high = Number.NaN } = meanRatio;
  const responseMs = mean(pairs.map((pair) => pair.quietMeanMs));
  const added = [value, low, high].map(
    (ratio) => `${((ratio - 1) * responseMs * 1000).toFixed(1)}`,
  );
  return [
    {
      what: 'metrics scraped every second',
      found: `add ${added[0]} µs (${added[1]} to ${added[2]}) to a response time of ${responseMs.toFixed(3)} ms of ${SYSTEM}`,
      ...((low - 1) * responseMs > MOST_SHARE && {
        advice: `That is more than ${MOST_SHARE * 100} % of a request of 1 ms; measure without --prometheus.`,
      }),
    },
  ];
}

function scrapeExperiment(paths: Paths): Experiment {
  const systems = readSystems(join(paths.root, 'experiments', 'systems.yaml'));
  return {
    name: 'scrape-cost',
    question: 'What does scraping metrics every second add to a response time?',
    systems: systems.filter((system) => system.name === SYSTEM),
    over: SYSTEM,
    answer: DEFAULT_ANSWER,
    axes: { ...defaultAxes(), workers: [1], n: [64], in_flight: [1] },
    most_workers: {},
    load: { kind: 'closed', submit: 'at-once' },
    repetition: { launches: 1, duration_s: 2, samples: null, warm_up_s: 1, warm_up_limit_s: 5 },
    seed: 1,
    stop: null,
    validity: {
      ...DEFAULT_VALIDITY,
      ...{ steal_share: 1, other_load_share: 1, unaccounted_share: 1 },
    },
  };
}
