import { UsageError } from '../base/errors.js';
import { allowedProcessors, type Processors } from '../base/processors.js';
import type { AxisValue } from './axes.js';
import { cellsOf } from './cells.js';
import { sideOf } from './duet.js';
import type { Experiment } from './experiment.js';

/** On which processors the parts of a system run. */
export interface Placement {
  readonly loadGenerator: Processors;
  /** What stands between the load generator and the workers: a coordinator, a front. */
  readonly between: Processors;
  /** `number`: from 1. */
  worker(number: number): Processors;
  /** Of all workers together, and of a browser's processes besides its tabs. */
  readonly workers: Processors;
}

/**
 * Where `pin` puts the parts of a system that may use `among` (null: what the harness may). `apart`: the load generator on the first processor, what is
 * in between on the second where there are three or more, else on the first, too; the workers, in
 * turn, on those that are left. `together`: everything on the first. Throws UsageError where there are
 * too few processors for it.
 */
export function placementOf(pin: AxisValue<'pin'>, among: Processors = null): Placement {
  if (pin === 'free') return onAll(among);
  const processors = among ?? allowedProcessors();
  if (pin === 'together') return onAll(processors.slice(0, 1));
  if (processors.length < 2) {
    throw new UsageError(
      `pin 'apart' needs two processors, and only ${processors.length} may be used; expected 'together' or 'free'`,
    );
  }
  const [first = 0, second = 0] = processors;
  const between = processors.length > 2 ? second : first;
  const left = processors.filter((each) => each !== first && each !== between);
  return {
    loadGenerator: [first],
    between: [between],
    worker: (number) => left.slice((number - 1) % left.length).slice(0, 1),
    workers: left,
  };
}

function onAll(processors: Processors): Placement {
  return {
    loadGenerator: processors,
    between: processors,
    worker: () => processors,
    workers: processors,
  };
}

/** Throws UsageError where there are too few processors for a cell of the experiment. */
export function checkPlacement(
  experiment: Experiment,
  processors: readonly number[] = allowedProcessors(),
): void {
  const among = experiment.duet ? sideOf(true, 1, processors) : processors;
  for (const { key, pin } of cellsOf(experiment)) {
    try {
      placementOf(pin, among);
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${key}: ${error.message}`);
      throw error;
    }
  }
}

/** How many processors the workers of a trial may use in all, of so many that the trial may use. */
export function processorsOfWorkers(pin: AxisValue<'pin'>, processors: number): number {
  if (processors < 2) return processors;
  const all = Array.from({ length: processors }, (_, i) => i);
  return placementOf(pin, all).workers?.length ?? processors;
}
