/** Makes folders of runs, as the harness does, out of made-up samples. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse, filesOf } from '../src/analysis/analysis.js';
import { describeAxes, rowValuesOf } from '../src/experiment/axis_rows.js';
import type { Experiment } from '../src/experiment/experiment.js';
import { PLANNER, planTrials } from '../src/experiment/plan.js';
import { measure } from '../src/measure/measurement.js';
import { readSamples } from '../src/measure/samples.js';
import { hashOfValue, recordFile } from '../src/run_folder/hash.js';
import { type Manifest, SCHEMA_VERSION } from '../src/run_folder/manifest.js';
import { fileOf, resultsFrom, type TrialRow } from '../src/run_folder/rows.js';
import { makeRunId, RunFolder } from '../src/run_folder/run_folder.js';
import { ENVIRONMENT, makeRow, RESULTS } from './examples.js';
import { csvRow, HEADER } from './samples_csv.js';

export function manifestOf(experiment: Experiment, random = '1a2b3c'): Manifest {
  return {
    schema_version: SCHEMA_VERSION,
    run_id: makeRunId(new Date(0), random),
    status: 'running',
    axes: describeAxes(),
    experiment,
    experiment_sha256: hashOfValue(experiment),
    source: { file: 'experiments/example.yaml', overrides: {} },
    planner: PLANNER,
    plan: planTrials(experiment).map((trial) => trial.id),
    sessions: [
      {
        command_line: ['--quick'],
        started_at: '1970-01-01T00:00:00.000Z',
        ended_at: null,
        status: 'running',
      },
    ],
    files: [],
  };
}

/** 300 measured requests with a median of about `medianMs`, in no order. */
function samplesOf(medianMs: number): string {
  const rows = Array.from({ length: 301 }, (_, i) => {
    const stage = i === 0 ? 'warm-up' : 'measured';
    // One after the other within the window, and short and long ones mixed.
    const startMs = 1000 * RESULTS.warm_up_s + 6 * i;
    const share = ((97 * i) % 301) / 300;
    return csvRow({ sample: i, startMs, stage, responseMs: medianMs * (0.8 + 0.4 * share) });
  });
  return `${[HEADER, ...rows].join('\n')}\n`;
}

/**
 * A complete run of the experiment, in which each trial's median response time is what `medianOf` says
 * of its row. Returns its folder.
 */
export async function makeRun(
  results: string,
  experiment: Experiment,
  medianOf: (row: TrialRow) => number,
  random?: string,
): Promise<string> {
  const folder = RunFolder.create(results, manifestOf(experiment, random), ENVIRONMENT);
  const rows: TrialRow[] = [];
  for (const trial of planTrials(experiment)) {
    const { cell, launch } = trial;
    const bare = makeRow({
      trial: trial.id,
      cell: cell.key,
      ...rowValuesOf(cell),
      system: cell.system.name,
      launch,
      ...(experiment.duet && { duet: { partner: 'the other', processors: [0] } }),
    });
    const name = fileOf(trial, 1, 'samples');
    const path = join(folder.path, name);
    const plain = path.replace('.gz', '');
    writeFileSync(plain, samplesOf(medianOf(bare)));
    const samples = await folder.compress(plain, name);
    const measurement = await measure(readSamples(path), { ...RESULTS, open: false });
    const histogram = fileOf(trial, 1, 'histogram');
    folder.writeText(histogram, measurement.responses.toLog('response', RESULTS.measured_s));
    const row: TrialRow = {
      ...bare,
      files: [
        ...(samples === undefined ? [] : [samples]),
        await recordFile(join(folder.path, histogram), histogram),
      ],
      results: { ...RESULTS, ...resultsFrom(measurement) },
    };
    folder.appendTrials([row]);
    rows.push(row);
  }
  const { manifest } = folder;
  const evidence = { path: folder.path, plan: manifest.plan, experiment, rows };
  const analysis = analyse({ ...evidence, status: 'complete', environment: ENVIRONMENT });
  folder.writeDerived(filesOf(manifest, analysis));
  await folder.finish('complete', { ended_at: new Date(0).toISOString() });
  return folder.path;
}
