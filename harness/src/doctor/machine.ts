import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../experiment/paths.js';
import { ownCpuSeconds } from '../launch/parts/proc.js';
import { loadAverage, otherShare, watchMachine } from '../measure/machine.js';
import type { Scope } from '../run/scope.js';
import { describeEnvironment, type Environment } from '../run_folder/environment.js';
import { examineBrowser } from './browser.js';
import type { Finding } from './finding.js';
import { examineLoadGenerator } from './load_generator.js';
import { examineScraping } from './scraping.js';

/** Looks at the machine, watches it at rest for so many seconds, and tries a browser. */
export async function examineMachine(
  paths: Paths,
  seconds: number,
  scope: Scope,
): Promise<Finding[]> {
  const environment = await describeEnvironment(paths, [], []);
  const machineSince = watchMachine();
  const cpuBefore = ownCpuSeconds();
  await sleep(seconds * 1000, undefined, { signal: scope.signal });
  const use = machineSince();
  const others = otherShare(use, ownCpuSeconds() - cpuBefore);
  return [
    ...examineProcessors(environment),
    examineMemory(environment),
    examineLoad(others, loadAverage(), environment.cores),
    examineSteal(use.steal),
    ...examinePressure(use.pressure),
    examineTimer(),
    ...(await examineBrowser(paths, scope)),
    ...(await examineLoadGenerator(paths, scope)),
    ...(await examineScraping(paths, scope)),
  ];
}

function examineProcessors(environment: Environment): Finding[] {
  const { cores, cpu, cgroup, governor, turbo, virtual_machine, machine } = environment;
  const limited = cgroup.cpus !== null && cgroup.cpus < cores;
  return [
    {
      what: 'cores',
      found: `${cores} of ${cpu ?? 'an unnamed CPU'}`,
      ...(cores < 4 && {
        advice: `More than ${Math.max(1, cores - 1)} workers share cores with each other, the coordinator and the load generator; such cells are labelled oversubscribed.`,
      }),
    },
    {
      what: 'processor limit',
      found: cgroup.cpus === null ? 'none' : `${cgroup.cpus} processors' worth`,
      ...(limited && {
        advice: 'The control group stops all programs for part of each period; raise the limit.',
      }),
    },
    {
      what: 'governor',
      found: governor ?? 'unknown',
      ...(governor !== null &&
        governor !== 'performance' && {
          advice: "Clock rates depend on the load; set the governor to 'performance'.",
        }),
    },
    {
      what: 'turbo',
      found: turbo === null ? 'unknown' : turbo ? 'on' : 'off',
      ...(turbo !== false && {
        advice:
          'Few busy cores may run faster than many; compare systems at the same worker count.',
      }),
    },
    {
      what: 'virtual machine',
      found: virtual_machine ? (machine ?? 'yes') : 'no',
      ...(virtual_machine && {
        advice:
          'Its host may take processor time away unnoticed; watch the steal, and repeat at another time.',
      }),
    },
  ];
}

function examineMemory({ memory_bytes, cgroup }: Environment): Finding {
  const bytes = Math.min(memory_bytes, cgroup.memory_bytes ?? Number.POSITIVE_INFINITY);
  const gib = bytes / 2 ** 30;
  return {
    what: 'memory',
    found: `${gib.toFixed(1)} GiB`,
    ...(gib < 4 && {
      advice: 'Sixteen browser workers need about 1.5 GiB; use fewer, or a smaller n.',
    }),
  };
}

function examineLoad(others: number, average: number, cores: number): Finding {
  return {
    what: 'other programs',
    found: `${percent(others)} of the processor time at rest, load average ${average.toFixed(2)} on ${cores} cores`,
    ...(others > 0.02 && { advice: 'They take processor time from what is measured; close them.' }),
  };
}

function examineSteal(steal: number): Finding {
  return {
    what: 'steal',
    found: `${percent(steal)} of the processor time at rest`,
    ...(steal > 0.01 && {
      advice:
        'Other guests of the host take processor time; repeat on a quieter host, with more launches.',
    }),
  };
}

function examinePressure(pressure: Readonly<Record<string, number>> | null): Finding[] {
  if (pressure === null) return [{ what: 'pressure', found: 'not recorded by this Linux kernel' }];
  const shares = Object.entries(pressure).map(
    ([resource, share]) => `${resource} ${percent(share)}`,
  );
  const busy = Object.values(pressure).some((share) => share > 0.02);
  return [
    {
      what: 'pressure',
      found: `${shares.join(', ')} of the time something waited, at rest`,
      ...(busy && { advice: 'Something competes for the machine; find it with top or iotop.' }),
    },
  ];
}

/** The smallest step that the clock was seen to make. */
function examineTimer(): Finding {
  let smallest = Number.POSITIVE_INFINITY;
  let last = process.hrtime.bigint();
  for (let i = 0; i < 100_000; i++) {
    const now = process.hrtime.bigint();
    if (now > last) smallest = Math.min(smallest, Number(now - last));
    last = now;
  }
  return {
    what: 'native timer',
    found: `steps of ${smallest} ns`,
    ...(smallest > 1000 && {
      advice: 'Phases below a microsecond cannot be measured; use a larger n.',
    }),
  };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
