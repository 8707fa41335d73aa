import { readFileSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';
import { loadAverage, readMachineTicks } from '../measure/machine.js';

/** The kernel's clock of process accounting, USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What is read whenever it is asked for: of the machine, and of the harness's own process. */
export function registerSurroundings(registry: Registry): void {
  registerMachineMetrics(registry);
  registerProcessMetrics(registry);
}

/**
 * What the machine does next to and because of the run. The harness tells it itself, so that nothing else
 * need be installed to see it.
 */
function registerMachineMetrics(registry: Registry): void {
  new Counter({
    name: 'enxame_machine_cpu_seconds_total',
    help: 'Time of the processors that the harness may use; steal is what other guests of the host took.',
    labelNames: ['mode'],
    registers: [registry],
    collect() {
      const { busy, steal, total } = readMachineTicks();
      this.reset();
      this.inc({ mode: 'busy' }, busy / TICKS_PER_SECOND);
      this.inc({ mode: 'steal' }, steal / TICKS_PER_SECOND);
      this.inc({ mode: 'idle' }, (total - busy - steal) / TICKS_PER_SECOND);
    },
  });
  gauge(
    registry,
    'enxame_machine_cores',
    'Processors that the harness may use.',
    () => readMachineTicks().cores,
  );
  gauge(
    registry,
    'enxame_machine_load_average',
    'Runnable and waiting processes, over a minute.',
    loadAverage,
  );
  gauge(registry, 'enxame_machine_memory_total_bytes', 'Memory of the machine.', () =>
    memoryBytes('MemTotal'),
  );
  gauge(
    registry,
    'enxame_machine_memory_available_bytes',
    'Memory available without swapping.',
    () => memoryBytes('MemAvailable'),
  );
  counter(
    registry,
    'enxame_machine_context_switches_total',
    'Context switches of all processors.',
    () => numberAfter('/proc/stat', /^ctxt (\d+)/m),
  );
  counter(
    registry,
    'enxame_machine_loopback_bytes_total',
    'Bytes that processes of this machine sent each other over its network.',
    () => numberAfter('/proc/net/dev', /^\s*lo:\s*(\d+)/m),
  );
}

/** The standard metrics of the harness's own process. */
function registerProcessMetrics(registry: Registry): void {
  const startedS = Date.now() / 1000 - process.uptime();
  counter(registry, 'process_cpu_seconds_total', 'Processor time, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(registry, 'process_resident_memory_bytes', 'Memory in use.', () =>
    process.memoryUsage.rss(),
  );
  gauge(
    registry,
    'process_start_time_seconds',
    'When the process started, since the epoch.',
    () => startedS,
  );
}

function counter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** https://man7.org/linux/man-pages/man5/proc_meminfo.5.html */
function memoryBytes(field: string): number {
  return 1024 * numberAfter('/proc/meminfo', new RegExp(`^${field}:\\s*(\\d+) kB`, 'm'));
}

function numberAfter(file: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? Number.NaN);
}
