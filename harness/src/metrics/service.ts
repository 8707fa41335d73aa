import { join } from 'node:path';
import type { Teardown } from '../base/teardown.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Paths } from '../experiment/paths.js';
import type { Trial } from '../experiment/plan.js';
import type { Programs } from '../launch/parts/processes.js';
import { registerSurroundings } from './machine_metrics.js';
import { startPrometheus } from './prometheus.js';
import type { Relay } from './relay.js';
import { RunMetrics } from './run_metrics.js';
import { MetricsServer } from './server.js';
import { TargetsFile } from './targets.js';

/** What the command line asked for. */
export interface MetricsWish {
  readonly metricsPort?: number;
  readonly prometheus?: true;
}

export interface RunToWatch {
  /** The name of its folder. */
  readonly id: string;
  readonly experiment: Experiment;
  readonly plan: readonly Trial[];
}

export interface MetricsSurroundings {
  readonly paths: Paths;
  readonly programs: Programs;
  /** A folder that goes with the run. */
  readonly scratch: string;
  readonly teardown: Teardown;
  readonly signal: AbortSignal;
  /** Is told of every trial's programs. */
  readonly relay: Relay;
  say(text: string): void;
}

/**
 * Makes a run watchable as the command line asked, and not at all when it did not: then nothing
 * listens and nothing is counted. What is returned is to be told of every trial.
 */
export async function startMetrics(
  wish: MetricsWish,
  { id, plan, experiment }: RunToWatch,
  { paths, programs, scratch, teardown, signal, relay, say }: MetricsSurroundings,
): Promise<RunMetrics | undefined> {
  if (wish.metricsPort === undefined && wish.prometheus === undefined) return undefined;
  const run = new RunMetrics(plan, experiment);
  registerSurroundings(run.registry);
  const server = await MetricsServer.start(wish.metricsPort ?? 0, run.registry, relay);
  teardown.add('the metrics', () => server.close());
  say(`metrics: http://${server.address}/metrics`);

  // Where a Prometheus that outlives runs looks for those that are on (dashboards/compose.yaml).
  const targets = new TargetsFile(join(paths.build, 'metrics', 'targets', `${process.pid}.json`));
  teardown.add('the list of targets', async () => targets.remove());
  targets.write(server.address, id);

  if (wish.prometheus) {
    const url = await startPrometheus({ address: server.address, run: id }, server.firstScrape, {
      configuration: join(paths.root, 'dashboards', 'prometheus'),
      scratch: join(scratch, 'prometheus'),
      programs,
      teardown,
      signal,
    });
    say(`Prometheus: ${url} (until the run ends)`);
  }
  return run;
}
