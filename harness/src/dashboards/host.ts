import { DEFAULT_VALIDITY } from '../experiment/experiment.js';
import { dashboard } from './dashboard.js';
import { lines } from './panels.js';
import { ofRun, RATE } from './queries.js';

/**
 * What the machine does. All of it from the harness and the programs of a run, so that nothing else
 * need be installed to see it.
 */
export const HOST = dashboard(
  {
    uid: 'enxame-host',
    title: 'Enxame: host',
    description:
      'Processors, memory and loopback of the machine that measures, and who uses them. Seen only while a run goes on.',
    choices: [],
  },
  [
    lines({
      title: 'Processor time',
      description: 'Shares of all processors. Steal is what other guests of the host took.',
      unit: 'percentunit',
      queries: [{ expr: `mode:enxame_machine_cpu:share10s${ofRun()}`, legend: '{{mode}}' }],
    }),
    lines({
      title: 'Steal',
      description:
        'The share of all processors that other guests of the host took. A trial with more than the dashed line, by default, does not count.',
      unit: 'percentunit',
      dashedAt: DEFAULT_VALIDITY.steal_share,
      queries: [
        {
          expr: `mode:enxame_machine_cpu:share10s${ofRun('mode="steal"')}`,
          legend: 'steal',
        },
      ],
    }),
    lines({
      title: 'Load',
      description:
        'Runnable and waiting processes over a minute, next to the number of processors.',
      unit: 'short',
      queries: [
        { expr: `enxame_machine_load_average${ofRun()}`, legend: 'load' },
        { expr: `enxame_machine_cores${ofRun()}`, legend: 'processors' },
      ],
    }),
    lines({
      title: 'Memory',
      description: 'In use, of what there is.',
      unit: 'bytes',
      queries: [
        {
          expr: `enxame_machine_memory_total_bytes${ofRun()} - enxame_machine_memory_available_bytes${ofRun()}`,
          legend: 'in use',
        },
        { expr: `enxame_machine_memory_total_bytes${ofRun()}`, legend: 'total' },
      ],
    }),
    lines({
      title: 'Context switches',
      description: 'Of all processors.',
      unit: 'ops',
      queries: [
        {
          expr: `rate(enxame_machine_context_switches_total${ofRun()}${RATE})`,
          legend: 'switches',
        },
      ],
    }),
    lines({
      title: 'Loopback',
      description: 'What processes of this machine send each other over its network.',
      unit: 'Bps',
      queries: [
        { expr: `rate(enxame_machine_loopback_bytes_total${ofRun()}${RATE})`, legend: 'loopback' },
      ],
    }),
    lines({
      title: 'Who uses processors',
      description:
        'The harness, the coordinator and native workers, in processors. Browsers and the load generator are the rest.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (job) (rate(process_cpu_seconds_total${ofRun()}${RATE}))`,
          legend: '{{job}}',
        },
      ],
    }),
    lines({
      title: 'Who uses memory',
      description: 'The harness, the coordinator and native workers.',
      unit: 'bytes',
      queries: [
        { expr: `sum by (job) (process_resident_memory_bytes${ofRun()})`, legend: '{{job}}' },
      ],
    }),
    lines({
      title: 'What it takes to look',
      description: 'How long Prometheus waits for a page of metrics.',
      unit: 's',
      queries: [{ expr: `scrape_duration_seconds${ofRun()}`, legend: '{{job}}' }],
    }),
  ],
);
