import type { Cell } from '../experiment/cells.js';
import type { Handles } from '../faults/handles.js';
import type { Launched } from '../launch/launched.js';
import type { ExtraLoads } from './extra_load.js';

/** What faults act on, of a system that was launched. */
export function handlesOf(
  { parts, links, server }: Launched,
  { n }: Cell,
  extra: ExtraLoads,
): Handles {
  const found = <T>(value: T | null | undefined, what: string): T => {
    if (value === null || value === undefined) throw new Error(`there is no ${what}`);
    return value;
  };
  return {
    part: (of = '') =>
      found(
        parts.find(({ workerId, role }) =>
          of === 'server' ? role === 'coordinator' || role === 'front' : workerId === of,
        ),
        of === 'server' ? 'server' : `worker ${of}`,
      ),
    link: (of = '') => found(links.get(of), `link of ${of}`),
    server: () => found(server, 'server'),
    n,
    load: (inFlight, forS, signal) => extra.run(inFlight, forS, signal),
  };
}
