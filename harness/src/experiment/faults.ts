/** Faults: what an experiment may do to a system while it is measured, and which system can take which. */
import { UsageError } from '../base/errors.js';
import { engineOf, runsInBrowser, type System, topologyOf } from './systems.js';

export const FAULT_KINDS = [
  'kill',
  'freeze',
  'slow',
  'disconnect',
  'corrupt',
  'full-disk',
  'burst',
  'slow-readers',
  'retry-storm',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that is done to a system while it is measured. README.md says what each kind does. */
export interface Fault {
  /**
   * When, in seconds after the measured time began.
   * @minimum 0
   * @maximum 86400
   */
  at_s: number;
  kind: FaultKind;
  /**
   * To whom: a worker (w1, w2 …), or the server between the client and the workers, a coordinator or an HTTP
   * front. Not of a burst, slow-readers and a retry-storm.
   * @pattern ^(w[1-9][0-9]*|server)$
   */
  of?: string;
  /**
   * For how many seconds; kill and corrupt have no end.
   * @exclusiveMinimum 0
   * @maximum 86400
   */
  for_s?: number;
  /**
   * Of kill: after how many seconds it is started again, as it was. Default: not at all.
   * @minimum 0
   * @maximum 86400
   */
  restart_after_s?: number;
  /**
   * Of slow: the share of its time in which the worker may run.
   * @exclusiveMinimum 0
   * @exclusiveMaximum 1
   */
  share?: number;
  /**
   * Of burst: further requests in flight; of slow-readers: connections; of a retry-storm: clients.
   * @asType integer
   * @minimum 1
   * @maximum 4096
   */
  count?: number;
}

/** What happens in a trial, in any order. */
export type FaultPlan = readonly Fault[];
export type FaultPlans = Readonly<Record<string, FaultPlan>>;

/** The plan that every experiment has: nothing is done. */
export const NO_FAULTS = 'none';

/** A fault as it was injected; results/README.md says what each field means. */
export interface InjectedFault {
  readonly kind: FaultKind;
  readonly of: string | null;
  /** The name of the part that it was done to: `swarm-worker-2`. */
  readonly part: string | null;
  readonly planned_s: number;
  /** null: it was not injected. */
  readonly at_s: number | null;
  /** When it was over, what was killed stood again; null: it was not over when the load ended, or has no end. */
  readonly until_s: number | null;
  /** Why it could not be injected, or not undone. */
  readonly failed?: string;
  /** What a further load came to. */
  readonly load?: { readonly samples: number; readonly errors: number; readonly wrong: number };
}

type Whom = 'worker' | 'server';

interface KindRules {
  /** Whom it may be done to; empty: it is done to the system as a whole. */
  readonly to: readonly Whom[];
  readonly needs: readonly (keyof Fault)[];
  readonly takes?: readonly (keyof Fault)[];
  /** Why a system cannot take it; undefined when it can. */
  readonly unfit?: (system: System) => string | undefined;
}

const inTabs = (system: System) =>
  runsInBrowser(system) ? 'its workers are tabs; expected programs' : undefined;
const withoutServer = (system: System) =>
  ['front', 'relayed'].includes(topologyOf(system))
    ? undefined
    : 'no server stands between its client and its workers';
const withoutCoordinator = (system: System) =>
  topologyOf(system) === 'relayed' ? undefined : 'it has no coordinator';

const RULES: Readonly<Record<FaultKind, KindRules>> = {
  kill: { to: ['worker', 'server'], needs: [], takes: ['restart_after_s'] },
  freeze: { to: ['worker', 'server'], needs: ['for_s'] },
  slow: { to: ['worker'], needs: ['for_s', 'share'], unfit: inTabs },
  disconnect: { to: ['worker'], needs: ['for_s'], unfit: inTabs },
  corrupt: { to: ['worker'], needs: [], unfit: inTabs },
  'full-disk': { to: ['server'], needs: ['for_s'], unfit: withoutCoordinator },
  burst: { to: [], needs: ['for_s', 'count'] },
  'slow-readers': { to: [], needs: ['for_s', 'count'], unfit: withoutServer },
  'retry-storm': { to: [], needs: ['for_s', 'count'], unfit: withoutCoordinator },
};

/** Whether something is done to the system of a cell while it is measured. */
export function hasFaults({ faults }: { readonly faults: string }): boolean {
  return faults !== NO_FAULTS;
}

/** What happens in the trials of a cell. */
export function planOf({ faults }: { readonly faults: string }, plans: FaultPlans = {}): FaultPlan {
  return hasFaults({ faults }) ? (plans[faults] ?? []) : [];
}

/** Why a system cannot take a plan; undefined when it can. */
export function whyNotFaulty(system: System, plan: FaultPlan): string | undefined {
  if (plan.length > 0 && topologyOf(system) === 'in-process') {
    return 'its workers are threads of the load generator, to which nothing can be done';
  }
  for (const { kind, of } of plan) {
    const why = RULES[kind].unfit?.(system) ?? whyNotTo(of, system);
    if (why !== undefined) return `${kind}: ${why}`;
  }
  return undefined;
}

function whyNotTo(whom: Fault['of'], system: System): string | undefined {
  if (whom === undefined) return undefined;
  return whom === 'server' ? withoutServer(system) : engineOf(system).unfitForFaults;
}

/** When the last fault of a plan is over, in seconds after the measured time began. */
export function endOf(plan: FaultPlan): number {
  const ends = plan.map(
    ({ at_s, for_s = 0, restart_after_s = 0 }) => at_s + for_s + restart_after_s,
  );
  return Math.max(0, ...ends);
}

/**
 * Throws UsageError for a fault whose fields do not go with its kind, a plan that is not over when the
 * measured time is, and one that names a worker which there may not be. `placeOf`: of a plan's fault.
 */
export function checkPlan(
  plan: FaultPlan,
  { duration_s, fewestWorkers }: { readonly duration_s: number; readonly fewestWorkers: number },
  placeOf: (fault: number) => string,
): void {
  for (const [i, fault] of plan.entries()) {
    const why = whyMalformed(fault) ?? whyMissing(fault, fewestWorkers);
    if (why !== undefined) throw new UsageError(`${placeOf(i)}: ${why}`);
    const end = endOf([fault]);
    if (end < duration_s) continue;
    throw new UsageError(
      `${placeOf(i)}: it ends ${end} s after the measured time began, which is ${duration_s} s long; expected it to end sooner, or a longer repetition.duration_s`,
    );
  }
}

function whyMalformed(fault: Fault): string | undefined {
  const { kind, of } = fault;
  const { to, needs, takes = [] } = RULES[kind];
  const whom = of === undefined ? undefined : of === 'server' ? 'server' : 'worker';
  if (whom === undefined && to.length > 0) {
    return `${kind} needs whom it is done to; expected of: ${to.map((each) => (each === 'worker' ? 'w1' : each)).join(' or ')}`;
  }
  if (whom !== undefined && !to.includes(whom)) return `${kind} cannot be done to ${of}`;
  const missing = needs.find((field) => fault[field] === undefined);
  if (missing !== undefined) return `${kind} needs ${missing}`;
  const allowed: readonly string[] = ['at_s', 'kind', 'of', ...needs, ...takes];
  const useless = Object.keys(fault).find((field) => !allowed.includes(field));
  return useless === undefined ? undefined : `${kind} has no ${useless}`;
}

function whyMissing({ kind, of = '' }: Fault, fewestWorkers: number): string | undefined {
  const number = Number(/^w(\d+)$/.exec(of)?.[1] ?? 1);
  if (number <= fewestWorkers) return undefined;
  return `${kind} is done to ${of}, and some cells have ${fewestWorkers} workers; expected ${fewestWorkers === 1 ? 'w1' : `w1 to w${fewestWorkers}`}`;
}
