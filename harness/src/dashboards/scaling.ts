import { dashboard } from './dashboard.js';
import { againstWorkers, lines } from './panels.js';
import { CELL, chosen, latest, ofOneWorker, ratioOf } from './queries.js';

const THROUGHPUT = 'enxame_cell_throughput_tasks_per_second';
const MEDIAN = 'enxame_cell_median_response_seconds';
const PHASES = 'enxame_cell_phase_seconds';
/** Of the products that the coordinator of a trial handed back, a second. */
const COMPLETED = `rate(enxame_tasks_finished_total${chosen('state="completed"')}[10s]) > 0`;

/** What HTTP adds to a task, and how that changes as workers are added. */
export const SCALING = dashboard(
  {
    uid: 'enxame-scaling',
    title: 'Enxame: HTTP overhead against worker scaling',
    description:
      'The latest valid trial of each cell, against its number of workers; and below, what HTTP costs while a trial runs.',
    choices: ['cells', 'ratio'],
  },
  [
    againstWorkers(
      {
        title: 'Response time, $numerator over $denominator',
        description:
          'The ratio of the median response times at the same workers and the same setting. 1: the same.',
        unit: 'short',
        scale: 'log',
        dashedAt: 1,
      },
      ratioOf(MEDIAN),
    ),
    againstWorkers(
      {
        title: 'Throughput, $numerator over $denominator',
        description: 'The ratio at the same workers and the same setting. 1: the same.',
        unit: 'short',
        scale: 'log',
        dashedAt: 1,
      },
      ratioOf(THROUGHPUT),
    ),
    againstWorkers(
      { title: 'Throughput', description: 'Products a second.', unit: 'ops', scale: 'log' },
      latest(THROUGHPUT),
    ),
    againstWorkers(
      {
        title: 'Median response time',
        description: 'From submitting a task to having its product.',
        unit: 's',
        scale: 'log',
      },
      latest(MEDIAN),
    ),
    againstWorkers(
      {
        title: 'Response time, 95th percentile',
        description: 'One in twenty tasks took longer. Of trials with enough samples for it.',
        unit: 's',
        scale: 'log',
      },
      latest('enxame_cell_p95_response_seconds'),
    ),
    againstWorkers(
      {
        title: 'Speed-up',
        description: 'Throughput over that of one worker of the same system and setting.',
        unit: 'short',
        scale: 'log',
      },
      `${latest(THROUGHPUT)} / ignoring (workers) group_left () ${ofOneWorker(THROUGHPUT)}`,
    ),
    againstWorkers(
      {
        title: 'Time not spent computing',
        description: 'The share of all phases but compute in the sum of all phases.',
        unit: 'percentunit',
      },
      `1 - sum without (phase) (${latest(PHASES, 'phase="compute"')}) / sum without (phase) (${latest(PHASES)})`,
    ),
    againstWorkers(
      {
        title: 'Dispatch and return',
        description: 'The mean time that a task is on its way to its worker and back.',
        unit: 's',
        scale: 'log',
      },
      `sum without (phase) (${latest(PHASES, 'phase=~"dispatch|return"')})`,
    ),
    againstWorkers(
      {
        title: 'Queue',
        description:
          'The mean time that a task waits for a worker. What waits for none is not drawn.',
        unit: 's',
        scale: 'log',
      },
      latest(PHASES, 'phase="queue"'),
    ),
    lines({
      title: 'Coordinator’s processor time for a task',
      description: 'What HTTP and the coordinator’s own work cost, besides what workers compute.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `rate(process_cpu_seconds_total${chosen('job="coordinator"')}[10s]) / ignoring (state) (${COMPLETED})`,
          legend: CELL,
        },
      ],
    }),
    lines({
      title: 'Bytes for a task',
      description: 'What crosses the coordinator’s HTTP connections for each product.',
      unit: 'bytes',
      scale: 'log',
      queries: [
        {
          expr: `(rate(enxame_http_received_bytes_total${chosen()}[10s]) + rate(enxame_http_sent_bytes_total${chosen()}[10s])) / ignoring (state) (${COMPLETED})`,
          legend: CELL,
        },
      ],
    }),
    lines({
      title: 'Mean time of requests that do not wait',
      description:
        'Submitting a task and returning a product: from the request’s first byte to the answer’s last, on the coordinator’s clock.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `cell_route:enxame_http_request_seconds:mean10s${chosen('route=~"/task|/task/.id./result"')}`,
          legend: `${CELL}, {{route}}`,
        },
      ],
    }),
    lines({
      title: 'Dispatch, return and queue while a trial runs, 95th percentile',
      description: 'Interpolated within buckets of 1, 2 and 5: off by a factor of 2.5 at most.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `cell_phase:enxame_task_phase_seconds:p95_10s${chosen('phase=~"dispatch|return|queue"')}`,
          legend: `${CELL}, {{phase}}`,
        },
      ],
    }),
  ],
);
