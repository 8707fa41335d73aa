import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { cellsOf } from '../../src/experiment/cells.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { planTrials, type Trial } from '../../src/experiment/plan.js';
import { PHASES, type Phase } from '../../src/measure/samples.js';
import { registerSurroundings } from '../../src/metrics/machine_metrics.js';
import { RunMetrics } from '../../src/metrics/run_metrics.js';
import { DONE, EXPERIMENT } from '../examples.js';

const SMALL: Experiment = {
  ...EXPERIMENT,
  axes: { ...EXPERIMENT.axes, workers: [1, 2], n: [128] },
  repetition: { ...EXPERIMENT.repetition, launches: 1 },
};
const PLAN = planTrials(SMALL);
const [FIRST, SECOND] = PLAN as [Trial, Trial];
const MEASUREMENT = {
  effectiveSamples: 200,
  medianUnaccountedShare: 0.01,
  throughputPerS: 50,
  medianResponseMs: 20,
  p95ResponseMs: 40,
  meanPhasesMs: Object.fromEntries(PHASES.map((phase) => [phase, 2])) as Record<Phase, number>,
};

const MEASURED = { measurement: MEASUREMENT, machine: { steal: 0.02, other: 0.03 } };

const labelsOf = ({ cell }: Trial) => `system="${cell.system.name}",workers="${cell.workers}"`;

/** The series of that name, as they stand on the page. */
async function series(metrics: Pick<RunMetrics, 'registry'>, name: string): Promise<string[]> {
  const page = await metrics.registry.metrics();
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

test('the plan is there before anything has happened, every cell at 0', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  assert.deepEqual(await series(metrics, 'enxame_run_planned_trials'), [
    'enxame_run_planned_trials 6',
  ]);
  const trials = await series(metrics, 'enxame_run_trials_total');
  assert.equal(trials.length, 4 * 6);
  assert.ok(trials.every((line) => line.endsWith(' 0')));
  assert.equal((await series(metrics, 'enxame_load_samples_total')).length, 12);
});

test('cells that differ in what they are asked, or in a choice of their system, are series of their own', async () => {
  const experiment: Experiment = {
    ...SMALL,
    axes: { ...SMALL.axes, workers: [1], n: [64, 128], codec: ['json', 'binary'] },
  };
  const metrics = new RunMetrics(planTrials(experiment), experiment);
  const told = (await series(metrics, 'enxame_load_samples_total')).filter((line) =>
    line.includes('stage="measured"'),
  );
  assert.equal(told.length, cellsOf(experiment).length);
  const json =
    'system="rest-wasm codec=json",workers="1",setting="n64",n="64",codec="json",stage="measured"';
  assert.ok(told.includes(`enxame_load_samples_total{${json}} 0`), told.join('\n'));
});

test('a trial is followed through its stages, and forgotten at its end', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  const stage = async () =>
    (await series(metrics, 'enxame_trial_stage')).filter((line) => line.endsWith(' 1'));
  const inStage = (name: string) => [`enxame_trial_stage{${labelsOf(FIRST)},stage="${name}"} 1`];
  metrics.begin(FIRST);
  assert.deepEqual(await stage(), inStage('launching'));
  assert.deepEqual(await series(metrics, 'enxame_trial_running'), [
    `enxame_trial_running{${labelsOf(FIRST)}} 1`,
  ]);
  metrics.update({ event: 'warm-up', elapsed_s: 1, samples: 9, steady_workers: 0 });
  assert.deepEqual(await stage(), inStage('warm-up'));
  const progress = { event: 'progress', elapsed_s: 1, throughput_per_s: 7 } as const;
  metrics.update({ ...progress, samples: 7, mean_response_ms: 250 });
  assert.deepEqual(await stage(), inStage('measured'));
  assert.deepEqual(await series(metrics, 'enxame_load_throughput_tasks_per_second'), [
    `enxame_load_throughput_tasks_per_second{${labelsOf(FIRST)}} 7`,
  ]);
  assert.deepEqual(await series(metrics, 'enxame_load_mean_response_seconds'), [
    `enxame_load_mean_response_seconds{${labelsOf(FIRST)}} 0.25`,
  ]);
  metrics.update({ event: 'stopping' });
  assert.deepEqual(await stage(), inStage('stopping'));
  metrics.end({ validity: 'valid', measured: MEASURED });
  for (const gone of [
    'enxame_trial_running',
    'enxame_trial_stage',
    'enxame_load_throughput_tasks_per_second',
  ]) {
    assert.deepEqual(await series(metrics, gone), []);
  }
});

test('samples are counted on from trial to trial of a cell, stage by stage', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  for (let launch = 0; launch < 2; launch++) {
    metrics.begin(FIRST);
    for (const samples of [4, 9]) {
      metrics.update({ event: 'warm-up', elapsed_s: 1, samples, steady_workers: 0 });
    }
    for (const samples of [10, 25]) {
      const rates = { throughput_per_s: 1, mean_response_ms: null };
      metrics.update({ event: 'progress', elapsed_s: 1, samples, ...rates });
    }
    metrics.update({ ...DONE, samples: 26 });
    metrics.end({ validity: 'valid' });
  }
  const counted = await series(metrics, 'enxame_load_samples_total');
  assert.ok(
    counted.includes(`enxame_load_samples_total{${labelsOf(FIRST)},stage="warm-up"} 18`),
    counted.join('\n'),
  );
  assert.ok(
    counted.includes(`enxame_load_samples_total{${labelsOf(FIRST)},stage="measured"} 52`),
    counted.join('\n'),
  );
});

test('a valid trial shows its cell in base units, a noisy one is only counted', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  metrics.begin(FIRST);
  metrics.end({ validity: 'valid', measured: MEASURED });
  metrics.begin(SECOND);
  metrics.end({ validity: 'noisy', measured: MEASURED });
  assert.deepEqual(await series(metrics, 'enxame_cell_median_response_seconds'), [
    `enxame_cell_median_response_seconds{${labelsOf(FIRST)}} 0.02`,
  ]);
  assert.deepEqual(
    await series(metrics, 'enxame_cell_phase_seconds'),
    PHASES.map((phase) => `enxame_cell_phase_seconds{${labelsOf(FIRST)},phase="${phase}"} 0.002`),
  );
  const trials = await series(metrics, 'enxame_run_trials_total');
  assert.deepEqual(
    trials.filter((line) => line.endsWith(' 1')),
    [
      `enxame_run_trials_total{${labelsOf(FIRST)},verdict="valid"} 1`,
      `enxame_run_trials_total{${labelsOf(SECOND)},verdict="noisy"} 1`,
    ],
  );
});

test('a percentile is shown where the samples of each trial carry it, as the report does', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  const p95 = async () => series(metrics, 'enxame_cell_p95_response_seconds');
  const endWith = (effectiveSamples: number) => {
    metrics.begin(FIRST);
    const measurement = { ...MEASUREMENT, effectiveSamples };
    metrics.end({ validity: 'valid', measured: { ...MEASURED, measurement } });
  };
  endWith(200);
  assert.deepEqual(await p95(), [`enxame_cell_p95_response_seconds{${labelsOf(FIRST)}} 0.04`]);
  endWith(199);
  assert.deepEqual(await p95(), []);
  endWith(200);
  assert.deepEqual(await p95(), [], 'a launch of the cell does not carry it');
});

test('what disturbed a trial is shown of those that do not count, too', async () => {
  const metrics = new RunMetrics(PLAN, SMALL);
  metrics.begin(FIRST);
  metrics.end({ validity: 'noisy', measured: MEASURED });
  for (const [name, share] of [
    ['unaccounted', 0.01],
    ['other', 0.03],
    ['steal', 0.02],
  ]) {
    const metric = `enxame_cell_${name}_share`;
    assert.deepEqual(await series(metrics, metric), [`${metric}{${labelsOf(FIRST)}} ${share}`]);
  }
  metrics.begin(FIRST);
  const machine = { ...MEASURED.machine, other: Number.NaN };
  metrics.end({ validity: 'noisy', measured: { ...MEASURED, machine } });
  assert.deepEqual(await series(metrics, 'enxame_cell_other_share'), []);
});

test('the machine is told in seconds and bytes', async () => {
  const registry = new Registry();
  registerSurroundings(registry);
  const metrics = { registry };
  const number = async (name: string) => Number((await series(metrics, name))[0]?.split(' ')[1]);
  assert.ok((await number('enxame_machine_memory_total_bytes')) > 2 ** 26);
  assert.ok((await number('enxame_machine_cores')) >= 1);
  assert.ok((await number('enxame_machine_context_switches_total')) > 0);
  const cpu = await series(metrics, 'enxame_machine_cpu_seconds_total');
  assert.deepEqual(
    cpu.map((line) => /mode="(\w+)"/.exec(line)?.[1]),
    ['busy', 'steal', 'idle'],
  );
  // Asked twice, a counter is read anew and not added up.
  const [again] = await series(metrics, 'process_start_time_seconds');
  assert.equal(again, (await series(metrics, 'process_start_time_seconds'))[0]);
});
