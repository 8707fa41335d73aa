import { againstWorkers, chosen, dashboard, lines } from './panels.js';

const CELL_PHASES = `enxame_cell_phase_seconds${chosen()}`;

/** What HTTP adds to a task, and how that changes as workers are added. */
export const SCALING = dashboard(
  'enxame-scaling',
  'Enxame: HTTP overhead against worker scaling',
  'The latest valid trial of each cell, against its number of workers; and below, what HTTP costs while a trial runs.',
  [
    againstWorkers(
      { title: 'Throughput', description: 'Products a second.', unit: 'ops' },
      `enxame_cell_throughput_tasks_per_second${chosen()}`,
    ),
    againstWorkers(
      {
        title: 'Median response time',
        description: 'From submitting a task to having its product.',
        unit: 's',
      },
      `enxame_cell_median_response_seconds${chosen()}`,
    ),
    againstWorkers(
      {
        title: 'Response time, 95th percentile',
        description: 'One in twenty tasks took longer.',
        unit: 's',
      },
      `enxame_cell_p95_response_seconds${chosen()}`,
    ),
    againstWorkers(
      {
        title: 'Speed-up',
        description: 'Throughput over that of one worker of the same system.',
        unit: 'short',
      },
      `sum by (system, workers) (enxame_cell_throughput_tasks_per_second${chosen()}) / on (system) group_left () sum by (system) (enxame_cell_throughput_tasks_per_second{system=~"$system",workers="1"})`,
    ),
    againstWorkers(
      {
        title: 'Time not spent computing',
        description: 'The share of all phases but compute in the sum of all phases.',
        unit: 'percentunit',
      },
      `1 - sum by (system, workers) (enxame_cell_phase_seconds${chosen('phase="compute"')}) / sum by (system, workers) (${CELL_PHASES})`,
    ),
    againstWorkers(
      {
        title: 'Dispatch and return',
        description: 'The mean time that a task is on its way to its worker and back.',
        unit: 's',
      },
      `sum by (system, workers) (enxame_cell_phase_seconds${chosen('phase=~"dispatch|return"')})`,
    ),
    againstWorkers(
      {
        title: 'Queue',
        description: 'The mean time that a task waits for a worker.',
        unit: 's',
      },
      `enxame_cell_phase_seconds${chosen('phase="queue"')}`,
    ),
    lines({
      title: 'Coordinator’s processor time for a task',
      description: 'What HTTP and the coordinator’s own work cost, beside what workers compute.',
      unit: 's',
      queries: [
        {
          expr: `sum by (system, workers) (rate(process_cpu_seconds_total${chosen('job="coordinator"')}[10s])) / (sum by (system, workers) (rate(enxame_tasks_finished_total${chosen('state="completed"')}[10s])) > 0)`,
          legend: '{{system}} × {{workers}}',
        },
      ],
    }),
    lines({
      title: 'Bytes for a task',
      description: 'What crosses the coordinator’s HTTP connections for each product.',
      unit: 'bytes',
      queries: [
        {
          expr: `(sum by (system, workers) (rate(enxame_http_received_bytes_total${chosen()}[10s])) + sum by (system, workers) (rate(enxame_http_sent_bytes_total${chosen()}[10s]))) / (sum by (system, workers) (rate(enxame_tasks_finished_total${chosen('state="completed"')}[10s])) > 0)`,
          legend: '{{system}} × {{workers}}',
        },
      ],
    }),
    lines({
      title: 'Mean time of requests that do not wait',
      description:
        'Submitting a task and returning a product: from the request’s first byte to the answer’s last, on the coordinator’s clock.',
      unit: 's',
      queries: [
        {
          expr: `system_workers_route:enxame_http_request_seconds:mean10s${chosen('route=~"/task|/task/.id./result"')}`,
          legend: '{{system}} × {{workers}}, {{route}}',
        },
      ],
    }),
    lines({
      title: 'Dispatch, return and queue while a trial runs, 95th percentile',
      description: 'Interpolated within buckets of 1, 2 and 5: off by a factor of 2.5 at most.',
      unit: 's',
      queries: [
        {
          expr: `system_workers_phase:enxame_task_phase_seconds:p95_10s${chosen('phase=~"dispatch|return|queue"')}`,
          legend: '{{system}} × {{workers}}, {{phase}}',
        },
      ],
    }),
  ],
);
