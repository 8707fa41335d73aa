import { UsageError } from '../base/errors.js';
import type { BrowserFlags, Experiment, Split, Values } from './experiment.js';
import type { System } from './systems.js';

/** What a system is asked for that not every system can give. */
export interface Demands {
  readonly values: Values;
  readonly split: Split;
  readonly service_ms: number;
  readonly browser_flags: BrowserFlags;
}

type Demand = keyof Demands;

export const DEMANDS = ['values', 'split', 'service_ms', 'browser_flags'] as const;

/** What a system does when it can do nothing of what an axis asks for; of `values` there is nothing. */
const OWN: Partial<Demands> = { split: 'none', service_ms: 0, browser_flags: 'none' };

/** Why a system cannot do what is asked for; undefined when it can. */
export function unfitFor(system: System, demand: Demand, value: unknown): string | undefined {
  const { engine, transport, kernel } = system;
  if (value === OWN[demand]) return undefined;
  switch (demand) {
    case 'values':
      return kernel === 'origin' && value !== 'integer'
        ? 'kernel origin multiplies whole numbers alone; expected integer'
        : undefined;
    case 'split':
      if (transport === 'inproc') return 'transport inproc has no workers to share a task';
      return transport === 'tcp-text' ? "the original's RPC never splits a task" : undefined;
    case 'service_ms':
      return transport === 'inproc'
        ? 'transport inproc has no workers that hold a task'
        : undefined;
    case 'browser_flags':
      return engine === 'browser' ? undefined : `engine ${engine} has no browser`;
  }
}

/** Throws UsageError when browsers are to differ from the default, and no system has any. */
export function checkBrowsers({ axes, systems }: Experiment, variants: readonly System[]): void {
  if (variants.some(({ engine }) => engine === 'browser')) return;
  const names = systems.map((system) => system.name).join(', ');
  const perWorker = axes.browsers.includes('per-worker') ? "browsers 'per-worker'" : undefined;
  const asked = axes.attached.includes(true) ? 'attached' : perWorker;
  if (asked === undefined) return;
  throw new UsageError(`${asked}: none of ${names} can take it: engine native has no browser`);
}

/**
 * Those values of an axis that the system can do, and what it does anyhow when it can do none. Throws
 * UsageError when there is no such thing.
 */
export function possible<D extends Demand>(
  system: System,
  demand: D,
  { axes }: Experiment,
): Demands[D][] {
  const asked = axes[demand] as readonly Demands[D][];
  const fit = asked.filter((value) => unfitFor(system, demand, value) === undefined);
  if (fit.length > 0) return fit;
  const own: Demands[D] | undefined = OWN[demand];
  if (own !== undefined) return [own];
  const [value] = asked;
  throw new UsageError(
    `${system.name}: ${demand} is '${value}': ${unfitFor(system, demand, value)}; give --values integer, or leave out the kernel or the system`,
  );
}
