import { dashboard, lines } from './panels.js';

const RATE = '[$__rate_interval]';

/**
 * What the machine does. All of it from the harness and the programs of a run, so that nothing else
 * need be installed to see it.
 */
export const HOST = dashboard(
  'enxame-host',
  'Enxame: host',
  'Processors, memory and loopback of the machine that measures, and who uses them.',
  [
    lines({
      title: 'Processor time',
      description: 'Shares of all processors. Steal is what other guests of the host took.',
      unit: 'percentunit',
      queries: [{ expr: 'mode:enxame_machine_cpu:share10s', legend: '{{mode}}' }],
    }),
    lines({
      title: 'Load',
      description: 'Runnable and waiting processes over a minute, beside the number of processors.',
      unit: 'short',
      queries: [
        { expr: 'enxame_machine_load_average', legend: 'load' },
        { expr: 'enxame_machine_cores', legend: 'processors' },
      ],
    }),
    lines({
      title: 'Memory',
      description: 'In use, of what there is.',
      unit: 'bytes',
      queries: [
        {
          expr: 'enxame_machine_memory_total_bytes - enxame_machine_memory_available_bytes',
          legend: 'in use',
        },
        { expr: 'enxame_machine_memory_total_bytes', legend: 'total' },
      ],
    }),
    lines({
      title: 'Context switches',
      description: 'Of all processors.',
      unit: 'ops',
      queries: [{ expr: `rate(enxame_machine_context_switches_total${RATE})`, legend: 'switches' }],
    }),
    lines({
      title: 'Loopback',
      description: 'What processes of this machine send each other over its network.',
      unit: 'Bps',
      queries: [{ expr: `rate(enxame_machine_loopback_bytes_total${RATE})`, legend: 'loopback' }],
    }),
    lines({
      title: 'Who uses processors',
      description:
        'The harness, the coordinator and native workers, in processors. Browsers and the load generator are the rest.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (job) (rate(process_cpu_seconds_total${RATE}))`,
          legend: '{{job}}',
        },
      ],
    }),
    lines({
      title: 'Who uses memory',
      description: 'The harness, the coordinator and native workers.',
      unit: 'bytes',
      queries: [{ expr: 'sum by (job) (process_resident_memory_bytes)', legend: '{{job}}' }],
    }),
    lines({
      title: 'What it takes to look',
      description: 'How long Prometheus waits for a page of metrics.',
      unit: 's',
      queries: [{ expr: 'scrape_duration_seconds', legend: '{{job}}' }],
    }),
  ],
);
