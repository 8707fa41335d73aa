import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Paths } from '../experiment/paths.js';
import type { Scope } from '../run/scope.js';
import type { Finding } from './finding.js';

/** What `load-generator --overhead` prints; microseconds per request. */
interface OverheadEvent {
  readonly inside_us: Spread;
  readonly between_us: Spread;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of a request of a millisecond. */
const MOST_SHARE = 0.02;

/** What the load generator adds to each sample, measured on a system that takes no time. */
export async function examineLoadGenerator(paths: Paths, { signal }: Scope): Promise<Finding[]> {
  const { stdout } = await promisify(execFile)(paths.loadGenerator, ['--overhead', '--n', '64'], {
    signal,
    timeout: 60_000,
  });
  const { inside_us, between_us } = JSON.parse(stdout) as OverheadEvent;
  const share = inside_us.median / 1000;
  return [
    {
      what: 'load generator, in each response time',
      found: `${show(inside_us)}, ${(share * 100).toFixed(3)} % of a request of 1 ms`,
      ...(share > MOST_SHARE && {
        advice: `That is more than ${MOST_SHARE * 100} %: this machine is too slow, or too busy, to time such requests.`,
      }),
    },
    { what: 'load generator, between requests', found: show(between_us) },
  ];
}

function show({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} µs a sample (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
