import { resolve } from 'node:path';
import { EXIT, print, printJson } from '../../base/console.js';
import { quote } from '../../base/shell.js';
import { replay } from '../../metrics/replay.js';
import { writeWhole } from '../../run_folder/files.js';
import { completeExperiment } from '../../run_folder/later_axes.js';
import { readManifest, readTrials } from '../../run_folder/store.js';
import type { ExportRequest } from '../request.js';

/** Writes the metrics of a run to a file that Prometheus can be given later, and prints how. */
export async function exportRun({ run, openmetrics, json }: ExportRequest): Promise<number> {
  const path = resolve(run);
  const { run_id: id, experiment } = readManifest(path);
  const rows = readTrials(path);
  const history = await replay({ id, experiment: completeExperiment(experiment), rows });
  writeWhole(openmetrics, history.toOpenMetrics());
  const fromMs = Math.min(...rows.map(({ started_at }) => Date.parse(started_at)));
  const toMs = Math.max(...rows.map(({ ended_at }) => Date.parse(ended_at)));
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const { series, points } = history.size;
  if (json) {
    printJson({ run, file: openmetrics, trials: rows.length, series, points, from, to });
    return EXIT.ok;
  }
  print(`${openmetrics}: ${points} points of ${series} series, from ${from} to ${to}
To load it:   promtool tsdb create-blocks-from openmetrics ${quote(openmetrics)} DATA
In Grafana:   /d/enxame-scaling?var-run=${id}&from=${fromMs}&to=${toMs}`);
  return EXIT.ok;
}
