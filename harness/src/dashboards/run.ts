import { chosen, dashboard, lines, numbers } from './panels.js';

/** What a run is doing now, and what it sees. */
export const RUN = dashboard(
  'enxame-run',
  'Enxame: a run as it happens',
  'Which trial is running, what it measures so far, and whether the machine leaves it alone. Estimates to look at; figures come from the samples.',
  [
    numbers({
      title: 'Trials',
      description: 'Trials that are over, of those that are planned.',
      unit: 'short',
      queries: [
        { expr: 'sum(enxame_run_trials_total)', legend: 'over' },
        { expr: 'sum(enxame_run_planned_trials)', legend: 'planned' },
      ],
    }),
    numbers({
      title: 'Invalid trials',
      description: 'Trials that do not count. The report says why.',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (verdict) (enxame_run_trials_total{verdict!="valid"})',
          legend: '{{verdict}}',
        },
      ],
    }),
    numbers(
      {
        title: 'Current trial',
        description: 'The cell that is being measured, and its stage.',
        unit: 'short',
        queries: [
          { expr: 'enxame_trial_stage == 1', legend: '{{system}} × {{workers}}: {{stage}}' },
        ],
      },
      12,
    ),
    lines({
      title: 'Throughput',
      description: 'Of the current trial, from the start of its measured time until now.',
      unit: 'ops',
      queries: [
        {
          expr: `enxame_load_throughput_tasks_per_second${chosen()}`,
          legend: '{{system}} × {{workers}}',
        },
      ],
    }),
    lines({
      title: 'Mean response time',
      description: 'Of the current trial, from the start of its measured time until now.',
      unit: 's',
      queries: [
        {
          expr: `enxame_load_mean_response_seconds${chosen()}`,
          legend: '{{system}} × {{workers}}',
        },
      ],
    }),
    lines({
      title: 'Requests that end, by stage',
      description: 'Warm-up and measured requests, as the load generator tells them.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (system, workers, stage) (rate(enxame_load_samples_total${chosen()}[$__rate_interval]))`,
          legend: '{{system}} × {{workers}}, {{stage}}',
        },
      ],
    }),
    lines({
      title: 'Where tasks spend their time',
      description:
        'Mean of each phase, as the coordinator (or, for RPC, the workers) sees it, over ten seconds.',
      unit: 's',
      queries: [
        {
          expr: `system_workers_phase:enxame_task_phase_seconds:mean10s${chosen()}`,
          legend: '{{system}} × {{workers}}, {{phase}}',
        },
      ],
    }),
    lines({
      title: 'Products of RPC workers',
      description: 'Tasks that native workers answered, all workers of a trial together.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (system, workers, outcome) (rate(enxame_worker_tasks_total${chosen()}[$__rate_interval]))`,
          legend: '{{system}} × {{workers}}, {{outcome}}',
        },
      ],
    }),
    lines({
      title: 'The machine',
      description:
        'Shares of its processor time. Steal is what other guests of its host took: it makes trials invalid.',
      unit: 'percentunit',
      queries: [{ expr: 'mode:enxame_machine_cpu:share10s', legend: '{{mode}}' }],
    }),
  ],
);
