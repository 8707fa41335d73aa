import { join } from 'node:path';
import { Teardown } from '../base/teardown.js';
import type { Paths } from '../experiment/paths.js';
import { HeadlessBrowser } from '../launch/browser/browser.js';
import { Coordinator } from '../launch/coordinator.js';
import type { Scope } from '../run/scope.js';
import type { Finding } from './finding.js';

/** What a page of the coordinator sees of time. */
interface PageClock {
  readonly isolated: boolean;
  /** Smallest step of performance.now(). */
  readonly step_us: number;
  /** Mean delay of nested setTimeout(0). */
  readonly timeout_ms: number;
}

const LOOK = `(async () => {
  let step = Infinity;
  let last = performance.now();
  for (let steps = 0; steps < 200; ) {
    const now = performance.now();
    if (now > last) { step = Math.min(step, now - last); steps++; }
    last = now;
  }
  const begin = performance.now();
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 0));
  return {
    isolated: crossOriginIsolated,
    step_us: step * 1000,
    timeout_ms: (performance.now() - begin) / 50,
  };
})()`;

/** Playwright's flags that switch off what a browser does to pages that nobody looks at. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** Starts a browser on a page of the coordinator, as a trial does. */
export async function examineBrowser(paths: Paths, scope: Scope): Promise<Finding[]> {
  const { programs, signal, scratch } = scope;
  const teardown = new Teardown();
  try {
    const log = join(scratch, 'coordinator.log');
    const options = { site: paths.site, room: 64, connections: 'kept' } as const;
    const program = Coordinator.start(programs, paths.coordinator, options, log);
    teardown.add('the coordinator', async () => void (await program.stop()));
    const { url } = await Coordinator.ready(program, signal);
    const begin = performance.now();
    const browser = await HeadlessBrowser.launch(paths.browser, programs, teardown, signal);
    const launchMs = performance.now() - begin;
    const clock = await browser.evaluate<PageClock>(`${url}/`, LOOK, signal);
    return [
      {
        what: 'browser',
        found: `version ${browser.version()}, launched in ${launchMs.toFixed(0)} ms`,
      },
      examineClock(clock),
      examineThrottling(clock, browser.commandLine()),
    ];
  } catch (error) {
    if (signal.aborted) throw error;
    return [
      {
        what: 'browser',
        found: error instanceof Error ? error.message : String(error),
        advice: 'Systems with browser workers cannot be measured; see --browser-path.',
      },
    ];
  } finally {
    await teardown.run();
  }
}

function examineClock({ isolated, step_us }: PageClock): Finding {
  return {
    what: 'browser timer',
    found: `steps of ${step_us.toFixed(1)} µs, ${isolated ? 'cross-origin isolated' : 'not isolated'}`,
    ...(!isolated && {
      advice:
        'Phases in the tab are rounded to 100 µs: the page lacks the headers that isolate it.',
    }),
  };
}

function examineThrottling({ timeout_ms }: PageClock, commandLine: readonly string[]): Finding {
  const off = UNTHROTTLED.every((flag) => commandLine.includes(flag));
  return {
    what: 'browser throttling',
    found: `${off ? 'switched off by flags' : 'on'}; nested setTimeout(0) takes ${timeout_ms.toFixed(1)} ms`,
    ...(off && {
      advice:
        "A user's background tabs are slower than these: their timers run only a few times a second.",
    }),
  };
}
