import { dashboard } from './dashboard.js';
import { lines } from './panels.js';
import { CELL, chosen, RATE } from './queries.js';

/** Whether the coordinator is well. */
export const COORDINATOR = dashboard(
  {
    uid: 'enxame-coordinator',
    title: 'Enxame: coordinator health',
    description: 'Tasks, workers, requests and resources of the coordinator of the current trial.',
    choices: ['cells'],
  },
  [
    lines({
      title: 'Tasks that are not finished',
      description: 'Pending ones are the queue; processing ones are held by a worker.',
      unit: 'short',
      queries: [{ expr: `enxame_tasks${chosen()}`, legend: `${CELL}, {{state}}` }],
    }),
    lines({
      title: 'Workers and their asks',
      description: 'Workers by state, and how many asks for a task wait.',
      unit: 'short',
      queries: [
        { expr: `enxame_workers${chosen()}`, legend: `${CELL}, {{state}}` },
        { expr: `enxame_claimants${chosen()}`, legend: `${CELL}, waiting asks` },
      ],
    }),
    lines({
      title: 'Tasks submitted, handed out and finished',
      description: 'More are handed out than are submitted when tasks come back.',
      unit: 'ops',
      queries: [
        {
          expr: `rate(enxame_tasks_submitted_total${chosen()}${RATE})`,
          legend: `${CELL}, submitted`,
        },
        {
          expr: `rate(enxame_task_attempts_total${chosen()}${RATE})`,
          legend: `${CELL}, handed out`,
        },
        {
          expr: `rate(enxame_tasks_finished_total${chosen()}${RATE})`,
          legend: `${CELL}, {{state}}`,
        },
      ],
    }),
    lines({
      title: 'Tasks that came back without a product',
      description: 'Their lease ran out, what came was no product, or they never reached a worker.',
      unit: 'ops',
      queries: [
        {
          expr: `rate(enxame_task_returns_total${chosen()}${RATE})`,
          legend: `${CELL}, {{reason}}`,
        },
      ],
    }),
    lines({
      title: 'Requests by route',
      description: 'Answered requests; 2xx alone.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (route) (rate(enxame_http_request_seconds_count${chosen('status="2xx"')}${RATE}))`,
          legend: '{{route}}',
        },
      ],
    }),
    lines({
      title: 'Requests that failed',
      description: 'By status class: 4xx is the client’s fault, 5xx the coordinator’s.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (status) (rate(enxame_http_request_seconds_count${chosen('status=~"4xx|5xx"')}${RATE}))`,
          legend: '{{status}}',
        },
      ],
    }),
    lines({
      title: 'Request time, 95th percentile',
      description:
        'By route. Long polls (/task/next, /result/{id}, /workers) count the time that they wait.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `cell_route:enxame_http_request_seconds:p95_10s${chosen()}`,
          legend: `${CELL}, {{route}}`,
        },
      ],
    }),
    lines({
      title: 'Phases, 95th percentile',
      description: 'Of tasks, as the coordinator sees them or their worker reports them.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `cell_phase:enxame_task_phase_seconds:p95_10s${chosen('job="coordinator"')}`,
          legend: `${CELL}, {{phase}}`,
        },
      ],
    }),
    lines({
      title: 'Connections',
      description: 'Open ones; and those that were turned away for want of a place, a second.',
      unit: 'short',
      queries: [
        { expr: `enxame_http_connections${chosen()}`, legend: `${CELL}, open` },
        {
          expr: `rate(enxame_http_refused_connections_total${chosen()}${RATE})`,
          legend: `${CELL}, refused a second`,
        },
      ],
    }),
    lines({
      title: 'Bytes in and out',
      description: 'Over HTTP, heads included.',
      unit: 'Bps',
      queries: [
        { expr: `rate(enxame_http_received_bytes_total${chosen()}${RATE})`, legend: `${CELL}, in` },
        { expr: `rate(enxame_http_sent_bytes_total${chosen()}${RATE})`, legend: `${CELL}, out` },
      ],
    }),
    lines({
      title: 'Memory',
      description: 'Of the process, and of that what tasks and their products take.',
      unit: 'bytes',
      queries: [
        {
          expr: `process_resident_memory_bytes${chosen('job="coordinator"')}`,
          legend: `${CELL}, process`,
        },
        { expr: `enxame_store_bytes${chosen()}`, legend: `${CELL}, tasks` },
      ],
    }),
    lines({
      title: 'Processor time and open files',
      description: 'Processors in use; open file descriptors over how many there may be.',
      unit: 'percentunit',
      queries: [
        {
          expr: `rate(process_cpu_seconds_total${chosen('job="coordinator"')}${RATE})`,
          legend: `${CELL}, processors`,
        },
        {
          expr: `process_open_fds${chosen('job="coordinator"')} / process_max_fds${chosen('job="coordinator"')}`,
          legend: `${CELL}, files`,
        },
      ],
    }),
  ],
);
