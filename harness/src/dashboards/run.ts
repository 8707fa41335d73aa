import { DEFAULT_VALIDITY } from '../experiment/experiment.js';
import { dashboard } from './dashboard.js';
import { lines, numbers } from './panels.js';
import { CELL, chosen, ofRun, RATE } from './queries.js';

/** What a run is doing now, and what it sees. */
export const RUN = dashboard(
  {
    uid: 'enxame-run',
    title: 'Enxame: a run, trial by trial',
    description:
      'Which trial is running, what it measures so far, and whether the machine leaves it alone. Estimates to look at; figures come from the samples.',
    choices: ['cells'],
  },
  [
    numbers({
      title: 'Trials',
      description: 'Trials that are over, of those that are planned.',
      unit: 'short',
      queries: [
        { expr: `sum(enxame_run_trials_total${ofRun()})`, legend: 'over' },
        { expr: `sum(enxame_run_planned_trials${ofRun()})`, legend: 'planned' },
      ],
    }),
    numbers({
      title: 'Invalid trials',
      description: 'Trials that do not count. The report says why.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (verdict) (enxame_run_trials_total${ofRun('verdict!="valid"')})`,
          legend: '{{verdict}}',
        },
      ],
    }),
    numbers(
      {
        title: 'Current trial',
        description: 'The cell that is being measured, and its stage.',
        unit: 'short',
        queries: [{ expr: `enxame_trial_stage${ofRun()} == 1`, legend: `${CELL}: {{stage}}` }],
      },
      12,
    ),
    lines({
      title: 'Throughput',
      description: 'Of the current trial, from the start of its measured time until now.',
      unit: 'ops',
      scale: 'log',
      queries: [
        {
          expr: `enxame_load_throughput_tasks_per_second${chosen()}`,
          legend: CELL,
        },
      ],
    }),
    lines({
      title: 'Mean response time',
      description: 'Of the current trial, from the start of its measured time until now.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `enxame_load_mean_response_seconds${chosen()}`,
          legend: CELL,
        },
      ],
    }),
    lines({
      title: 'Requests that end, by stage',
      description: 'Warm-up and measured requests, as the load generator tells them.',
      unit: 'ops',
      scale: 'log',
      queries: [
        {
          expr: `rate(enxame_load_samples_total${chosen()}${RATE})`,
          legend: `${CELL}, {{stage}}`,
        },
      ],
    }),
    lines({
      title: 'Where tasks spend their time',
      description:
        'Mean of each phase, as the coordinator (or, for RPC, the workers) sees it, over ten seconds.',
      unit: 's',
      scale: 'log',
      queries: [
        {
          expr: `cell_phase:enxame_task_phase_seconds:mean10s${chosen()}`,
          legend: `${CELL}, {{phase}}`,
        },
      ],
    }),
    lines({
      title: 'Products of RPC workers',
      description: 'Tasks that native workers answered, all workers of a trial together.',
      unit: 'ops',
      queries: [
        {
          expr: `rate(enxame_worker_tasks_total${chosen()}${RATE})`,
          legend: `${CELL}, {{outcome}}`,
        },
      ],
    }),
    lines({
      title: 'The machine',
      description:
        'Shares of its processor time. Steal is what other guests of its host took: it makes trials invalid.',
      unit: 'percentunit',
      queries: [{ expr: `mode:enxame_machine_cpu:share10s${ofRun()}`, legend: '{{mode}}' }],
    }),
    disturbance(
      'Not explained by phases',
      'enxame_cell_unaccounted_share',
      'The median share of the response time that no phase explains',
      DEFAULT_VALIDITY.unaccounted_share,
    ),
    disturbance(
      'Other programs',
      'enxame_cell_other_share',
      'The share of the processor time that programs outside the trial used',
      DEFAULT_VALIDITY.other_load_share,
    ),
    disturbance(
      'Other guests of the host',
      'enxame_cell_steal_share',
      'The share of the processor time that other guests of the host took',
      DEFAULT_VALIDITY.steal_share,
    ),
  ],
);

/** What makes a trial count or not, with the limit that experiments have by default. */
function disturbance(title: string, metric: string, what: string, limit: number) {
  const description = `${what}, of the latest trial of each cell, valid or not. One beyond the dashed line does not count, unless its experiment sets another limit.`;
  const queries = [{ expr: `${metric}${chosen()}`, legend: CELL }];
  return lines({ title, description, unit: 'percentunit', dashedAt: limit, queries }, 8);
}
