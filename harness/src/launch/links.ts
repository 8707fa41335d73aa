/** Links between the workers of a cell and whom they are connected with, where its plan cuts some of them. */
import { planOf } from '../experiment/faults.js';
import type { Trial } from '../experiment/plan.js';
import type { Launch, LaunchContext } from './context.js';
import { Link, targetOf } from './parts/link.js';

/** By the worker whose connections pass through it. */
export type Links = ReadonlyMap<string, Link>;

/** Whether the connections of a worker are cut in the trial. */
export function isCut(
  workerId: string,
  { cell }: Trial,
  { experiment }: Pick<LaunchContext, 'experiment'>,
): boolean {
  const plan = planOf(cell, experiment.faults);
  return plan.some(({ kind, of }) => kind === 'disconnect' && of === workerId);
}

/** A link to an address, `HOST:PORT` or a URL, for as long as the launch stands. */
export async function openLink(address: string, { teardown }: Launch): Promise<Link> {
  const link = await Link.open(targetOf(address));
  teardown.add(`the link to ${address}`, () => link.close());
  return link;
}
