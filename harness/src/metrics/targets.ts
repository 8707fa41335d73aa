import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { JOBS } from '../launch/program_metrics.js';

/**
 * A file that tells Prometheus where a run answers, as its file-based service discovery reads it:
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
 */
export class TargetsFile {
  constructor(readonly path: string) {}

  /** Writes the file as a whole, so that nobody reads half of one. Every series has the label `run`. */
  write(address: string, run: string): void {
    const groups = [
      { targets: [address], labels: { run, job: 'harness' } },
      ...JOBS.map((job) => ({
        targets: [address],
        labels: { run, job, __metrics_path__: `/metrics/${job}` },
      })),
    ];
    mkdirSync(dirname(this.path), { recursive: true });
    const unfinished = `${this.path}.unfinished`;
    writeFileSync(unfinished, `${JSON.stringify(groups, null, 2)}\n`);
    renameSync(unfinished, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
