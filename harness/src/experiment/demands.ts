import { UsageError } from '../base/errors.js';
import type { BrowserFlags, Experiment, Split, Values } from './experiment.js';
import { engineOf, runsInBrowser, type System, transportOf } from './systems.js';

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
  if (value === OWN[demand]) return undefined;
  if (demand === 'values') {
    return system.kernel === 'origin' && value !== 'integer'
      ? 'kernel origin multiplies whole numbers alone; expected integer'
      : undefined;
  }
  return transportOf(system).refuses[demand] ?? engineOf(system).refuses[demand];
}

/** Throws UsageError when browsers are to differ from the default, and no system has any. */
export function checkBrowsers({ axes, systems }: Experiment, variants: readonly System[]): void {
  if (variants.some(runsInBrowser)) return;
  const names = systems.map((system) => system.name).join(', ');
  const perWorker = axes.browsers.includes('per-worker') ? "browsers 'per-worker'" : undefined;
  const asked = axes.attached.includes(true) ? 'attached' : perWorker;
  if (asked === undefined) return;
  const [why] = variants.map((variant) => engineOf(variant).refuses.browser_flags);
  throw new UsageError(`${asked}: none of ${names} can take it: ${why}`);
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
