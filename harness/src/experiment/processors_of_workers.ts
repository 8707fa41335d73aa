import type { AxisValue } from './axes.js';

/**
 * How many processors the workers of a trial may use in all, of so many that the trial may use: those
 * that launch/placement.ts leaves to them.
 */
export function processorsOfWorkers(pin: AxisValue<'pin'>, processors: number): number {
  if (pin === 'free') return processors;
  if (pin === 'together') return 1;
  return processors > 2 ? processors - 2 : 1;
}
