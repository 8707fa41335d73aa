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

/** Where one part does not count, the other had the machine to itself for a while: neither counts. */
export function judgeTogether(parts: readonly Part[], ended: readonly EndedTrial[]): EndedTrial[] {
  const bad = ended.findIndex(({ validity }) => validity !== 'valid');
  return ended.map((each) => {
    const { validity = 'failed' } = ended[bad] ?? {};
    if (bad < 0 || each.validity !== 'valid') return each;
    return { ...each, ...withoutPartner(validity, parts[bad]?.trial.id ?? '') };
  });
}

/** What becomes of a trial whose partner does not count. */
export function withoutPartner(
  validity: EndedTrial['validity'],
  partner: string,
): Pick<EndedTrial, 'validity' | 'invalidBecause'> {
  return { validity, invalidBecause: `its partner in the duet, ${partner}, does not count` };
}
