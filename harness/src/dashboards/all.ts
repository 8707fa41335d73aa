import { join } from 'node:path';
import { COORDINATOR } from './coordinator.js';
import { HOST } from './host.js';
import { RUN } from './run.js';
import { SCALING } from './scaling.js';
import { WORKERS } from './workers.js';

/** Where Grafana finds them, below the root of the repository. */
const FOLDER = join('dashboards', 'grafana', 'dashboards');

/** A dashboard as it is committed. */
export interface DashboardFile {
  /** Below the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function dashboardFiles(): DashboardFile[] {
  return [RUN, SCALING, COORDINATOR, HOST, WORKERS].map((builder) => {
    const dashboard = builder.build();
    return {
      path: join(FOLDER, `${dashboard.uid}.json`),
      text: `${JSON.stringify(dashboard, null, 2)}\n`,
    };
  });
}
