import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/experiment/random.js';
import type { Launch, WorkerMoments } from '../../src/stats/launch.js';
import { mean, variance } from '../../src/stats/moments.js';
import { ofSorted } from '../../src/stats/response_times.js';
import { samplingVariance, spreadOf } from '../../src/stats/sampling.js';
import { splitVariance } from '../../src/stats/variance.js';
import { drawLaunch, MODELS, type Model, normals } from './models.js';
import { near } from './near.js';

function launchOf(samples: readonly (readonly number[])[]): Launch {
  const workers = samples.map(
    (values, i): WorkerMoments => ({
      worker: `w${i}`,
      count: values.length,
      mean: mean(values),
      variance: variance(values),
    }),
  );
  return {
    block: 1,
    responses: ofSorted([]),
    effective_samples: 0,
    mean_response_ms: 1,
    throughput_per_s: 1,
    workers,
  };
}

test('the components of unbalanced data', () => {
  const split = splitVariance([
    launchOf([
      [3, 4, 5, 4.5],
      [6, 7.5],
    ]),
    launchOf([
      [2, 2.5, 3],
      [4, 5, 4, 6.5],
      [1, 1.25],
    ]),
    launchOf([
      [5, 6],
      [8, 7, 9.5],
    ]),
  ]);
  // NumPy: the solution of trace(Q_i V_j) σ²_j = y'Q_i y, with Q_i the differences between the
  // projections on workers, launches and the mean, and V_j the blocks that share an effect.
  near(split.sample, 0.89983974, 1e-7);
  near(split.worker, 3.26459548, 1e-7);
  near(split.launch, 2.06711288, 1e-7);
});

test('the components of made-up launches come out on average', () => {
  const random = seededRandom(1);
  const normal = normals(random);
  const splits = Array.from({ length: 1000 }, () =>
    splitVariance(
      Array.from({ length: 5 }, () => {
        const launch = 3 * normal();
        return launchOf(
          Array.from({ length: 4 }, () => {
            const worker = 2 * normal();
            const count = 5 + Math.floor(20 * random());
            return Array.from({ length: count }, () => 50 + launch + worker + normal());
          }),
        );
      }),
    ),
  );
  near(mean(splits.map(({ sample }) => sample ?? Number.NaN)), 1, 0.02);
  near(mean(splits.map(({ worker }) => worker ?? Number.NaN)), 4, 0.2);
  near(mean(splits.map(({ launch }) => launch ?? Number.NaN)), 9, 0.6);
});

test('what cannot be told apart is left out', () => {
  const oneLaunch = splitVariance([
    launchOf([
      [1, 2],
      [5, 6],
    ]),
  ]);
  assert.deepEqual(Object.keys(oneLaunch), ['sample', 'worker']);
  const oneWorker = splitVariance([launchOf([[1, 2]]), launchOf([[5, 6]])]);
  assert.deepEqual(oneWorker, { sample: 0.5, launch: 16 - 0.5 / 2 - 8 });
  assert.deepEqual(splitVariance([]), {});
  assert.deepEqual(splitVariance([launchOf([[1], []])]), {});
});

test('the exact bootstrap gives the variance of a quantile between launches that are alike', () => {
  const random = seededRandom(2);
  const skewed = MODELS.find(({ name }) => name === 'skewed') as Model;
  const launches = Array.from({ length: 600 }, () => drawLaunch(skewed, random));
  for (const [p, measure] of [
    [0.5, 'median_response_ms'],
    [0.95, 'p95_response_ms'],
  ] as const) {
    const total = (spreadOf(launches, measure)?.total ?? Number.NaN) ** 2;
    const predicted = mean(launches.map(({ responses }) => samplingVariance(responses, p)));
    // With 200 samples it is too large by about a tenth; the bootstrap nears a quantile's variance
    // slowly (Hall and Martin, Exact convergence rate of bootstrap quantile variance estimator).
    near(predicted / total, 1.1, 0.15);
  }
});

test('the spread of launches is split into what longer and what more launches would remove', () => {
  const random = seededRandom(3);
  const clustered = MODELS.find(({ name }) => name === 'clustered by launch') as Model;
  const launches = Array.from({ length: 300 }, () => drawLaunch(clustered, random));
  const spread = spreadOf(launches, 'median_response_ms');
  near(spread?.launch, clustered.launch, 0.01);
  near(spread?.sampling, 0.3 * Math.sqrt(Math.PI / 2 / 200), 0.005);
  assert.equal(spreadOf(launches, 'throughput_per_s')?.sampling, undefined);
  assert.equal(spreadOf(launches.slice(0, 1), 'median_response_ms'), undefined);
});
