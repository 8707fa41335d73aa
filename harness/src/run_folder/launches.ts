import { join } from 'node:path';
import { DurationHistogram } from '../measure/histogram.js';
import type { Launch } from '../stats/launch.js';
import { ofCounts } from '../stats/response_times.js';
import type { TrialRow } from './rows.js';

/**
 * What a valid trial says to statistics; undefined of another. Throws when its histogram is not
 * there.
 */
export function readLaunch(folder: string, row: TrialRow): Launch | undefined {
  const { results } = row;
  const histogram = row.files.find((file) => file.path.startsWith('histograms/'));
  if (!row.valid || results === undefined || histogram === undefined) return undefined;
  const responses = DurationHistogram.readLog(join(folder, histogram.path));
  return {
    block: row.launch,
    responses: ofCounts(responses.counts()),
    effective_samples: results.effective_samples,
    mean_response_ms: results.mean_response_ms,
    // null stands for NaN in a file.
    throughput_per_s: results.throughput_per_s ?? Number.NaN,
    workers: results.workers.map(({ worker, samples, mean_ms, variance_ms2 }) => ({
      worker,
      count: samples,
      mean: mean_ms,
      variance: variance_ms2 ?? Number.NaN,
    })),
  };
}
