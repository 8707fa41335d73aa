import { allowedProcessors } from '../base/processors.js';
import { cellsOf } from '../experiment/cells.js';
import { counterpartOf, sideOf } from '../experiment/duet.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Trial } from '../experiment/plan.js';
import type { EndedTrial } from '../measure/trial.js';
import type { Duet } from '../run_folder/rows.js';

/** A trial as it is run: alone, or with another at the same time. */
export interface Part {
  readonly trial: Trial;
  readonly duet?: Duet;
}

/** The trial, and its partner where the experiment is a duet. */
export function partsOf(trial: Trial, plan: readonly Trial[], experiment: Experiment): Part[] {
  const partner = partnerOf(trial, plan, experiment);
  if (partner === undefined) return [{ trial }];
  return [part(trial, partner, experiment), part(partner, trial, experiment)];
}

/** The trial that is to run at the same time; undefined: none is. */
export function partnerOf(
  { cell, launch }: Trial,
  plan: readonly Trial[],
  experiment: Experiment,
): Trial | undefined {
  if (!experiment.duet) return undefined;
  const counterpart = counterpartOf(cell, cellsOf(experiment));
  return plan.find((other) => other.launch === launch && other.cell.key === counterpart.key);
}

function part(trial: Trial, partner: Trial, { systems }: Experiment): Part {
  const isFirst = trial.cell.system.name === systems[0]?.name;
  const processors = sideOf(isFirst, trial.launch, allowedProcessors());
  return { trial, duet: { partner: partner.id, processors } };
}

/** When a part was measured, on CLOCK_MONOTONIC of this machine, in seconds. */
export interface MeasuredTime {
  readonly opens: number;
  readonly closes: number;
}

/** Of its measured time, so much of a part has to run beside the measured time of the other. */
const LEAST_OVERLAP = 0.8;

/**
 * Where one part does not count, the other had the machine to itself for a while: neither counts. Nor
 * does either where they were measured one after the other rather than at the same time.
 */
export function judgeTogether(
  parts: readonly Part[],
  ended: readonly EndedTrial[],
  times: readonly (MeasuredTime | undefined)[],
): EndedTrial[] {
  if (parts.length < 2) return [...ended];
  const bad = ended.findIndex(({ validity }) => validity !== 'valid');
  if (bad >= 0) {
    const { validity = 'failed' } = ended[bad] ?? {};
    const because = `its partner in the duet, ${parts[bad]?.trial.id}, does not count`;
    return ended.map((each) =>
      each.validity === 'valid' ? { ...each, validity, invalidBecause: because } : each,
    );
  }
  const overlap = overlapOf(times);
  if (overlap >= LEAST_OVERLAP) return [...ended];
  const because = `both sides of the duet were measured at the same time for only ${(overlap * 100).toFixed(0)} % of it, less than ${LEAST_OVERLAP * 100} %`;
  return ended.map((each) => ({ ...each, validity: 'failed', invalidBecause: because }));
}

/** The time in which all were measured, as a part of the longest; 0 where one is unknown. */
function overlapOf(times: readonly (MeasuredTime | undefined)[]): number {
  const known = times.filter((time) => time !== undefined);
  if (known.length < times.length) return 0;
  const common =
    Math.min(...known.map(({ closes }) => closes)) - Math.max(...known.map(({ opens }) => opens));
  return Math.max(0, common) / Math.max(...known.map(({ opens, closes }) => closes - opens));
}

/** Where the parts of a duet wait for each other. */
export class MeetingPoint {
  private readonly missing: Set<number>;
  private release: () => void = () => undefined;
  private readonly all: Promise<void>;

  constructor(parts: number) {
    this.missing = new Set(Array.from({ length: parts }, (_, i) => i));
    this.all = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /** Returns when every part has arrived, or left. */
  arrive(part: number): Promise<void> {
    this.leave(part);
    return this.all;
  }

  /** It will not come, or not again. */
  leave(part: number): void {
    this.missing.delete(part);
    if (this.missing.size === 0) this.release();
  }
}
