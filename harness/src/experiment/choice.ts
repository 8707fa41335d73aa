/** In which one choice two systems differ, and what else is different because of it. */
import type { Engine } from '../engines/engine.js';
import { AXES } from './axes.js';
import { type Axis, isOfSystem, valueIn } from './axis.js';
import { engineOf, problemOf, type System } from './systems.js';

/** A single choice, and every field in which two systems differ: the choice, then what follows from it. */
export interface Choice {
  readonly choice: string;
  /** By field: the value of the one system, and that of the other. */
  readonly differs: Readonly<Record<string, readonly [own: unknown, other: unknown]>>;
}

/** The vectorised loop, in the instructions of each engine: where one has not the other's, it is no choice. */
const VECTORISED: readonly unknown[] = ['simd-128', 'simd', 'relaxed', 'relaxed-wide'];

/**
 * The one choice in which `system` differs from `other`; undefined where they do not differ, or differ
 * in more. What neither could have otherwise belongs to it. Where two fields force each other (a
 * WebSocket, over which tasks are pushed), the choice is the one that comes first among the axes.
 */
export function choiceBetween(
  system: System,
  other: System,
  axes: readonly Axis[] = AXES,
): Choice | undefined {
  if (hasLimitOfAnother(engineOf(system), engineOf(other))) return undefined;
  const all = axes.filter(isOfSystem);
  const unlike = all.filter((axis) => levelOf(axis, system) !== levelOf(axis, other));
  const oneSided = unlike.filter(
    (axis) => levelOf(axis, system) === null || levelOf(axis, other) === null,
  );
  if (!hasDefaults(system, oneSided) || !hasDefaults(other, oneSided)) return undefined;
  const both = all.filter((axis) => !oneSided.includes(axis));
  const [own, their] = [writtenOut(system, both), writtenOut(other, both)];
  const ofEngine = unlike.filter((axis) => isKernelOfEngine(axis, unlike, system, other));
  const free = unlike.filter((axis) => !oneSided.includes(axis) && !ofEngine.includes(axis));
  // What would be the engine's, were it the other one, goes with it.
  const together = (axis: Axis) => (axis.name === 'engine' ? [axis, ...ofEngine] : [axis]);
  const choice = free.find((axis) => {
    const rest = free.filter((each) => each !== axis).map(together);
    return mustFollow(rest, own, their) && mustFollow(rest, their, own);
  });
  if (choice === undefined) return undefined;
  const differs = [choice, ...unlike.filter((axis) => axis !== choice)].map((axis) => [
    axis.name,
    [levelOf(axis, system), levelOf(axis, other)],
  ]);
  return { choice: choice.name, differs: Object.fromEntries(differs) };
}

/** A limit is a choice beside the engine that has none of it; beside others it is one more. */
function hasLimitOfAnother(own: Engine, other: Engine): boolean {
  if (own.name === other.name) return false;
  if (own.unlimited === undefined && other.unlimited === undefined) return false;
  return own.unlimited !== other.name && other.unlimited !== own.name;
}

function levelOf(axis: Axis, system: System): unknown {
  return valueIn(axis, { system });
}

/** Whether a system has, where the other has no choice, what it would have without saying so. */
function hasDefaults(system: System, oneSided: readonly Axis[]): boolean {
  return oneSided.every((axis) => {
    const said = Object.entries(system).filter(([field]) => field !== axis.field);
    const unsaid = Object.fromEntries(said) as unknown as System;
    return levelOf(axis, unsaid) === levelOf(axis, system);
  });
}

/** The system with its levels of these axes alone, so that none of them goes with a change of another. */
function writtenOut(system: System, axes: readonly Axis[]): System {
  const levels = axes.map((axis) => [axis.field, levelOf(axis, system)] as const);
  const said = levels.filter(([, level]) => level !== null);
  return { name: system.name, ...Object.fromEntries(said) } as unknown as System;
}

function isKernelOfEngine(
  axis: Axis,
  unlike: readonly Axis[],
  system: System,
  other: System,
): boolean {
  if (axis.name !== 'kernel' || unlike.every(({ name }) => name !== 'engine')) return false;
  if (!VECTORISED.includes(system.kernel) || !VECTORISED.includes(other.kernel)) return false;
  return system.kernel in engineOf(other).lacks || other.kernel in engineOf(system).lacks;
}

/**
 * Whether none of the groups of axes can keep its values of `from` in the system `to`, nor several of
 * them together.
 */
function mustFollow(groups: readonly (readonly Axis[])[], from: System, to: System): boolean {
  const subsets = Array.from({ length: 2 ** groups.length - 1 }, (_, bits) =>
    groups.filter((_, i) => ((bits + 1) >> i) & 1),
  );
  return subsets.every((kept) => {
    const values = kept.flat().map((axis) => [axis.field, levelOf(axis, from)]);
    return problemOf({ ...to, ...Object.fromEntries(values) }) !== undefined;
  });
}
