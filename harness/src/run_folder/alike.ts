/** What may differ between two environments before they are called different. */
import { type Difference, differences } from './difference.js';
import type { Environment } from './environment.js';
import { DRAWING_VERSIONS, type Versions } from './versions.js';

/**
 * Relative. What the kernel keeps of the memory for itself differs from boot to boot; sizes that are
 * sold differ by far more.
 */
const MEMORY_TOLERANCE = 0.01;

/** What makes two machines alike: numbers of unlike ones say nothing about what was changed. */
export function differencesOfMachines(before: Environment, after: Environment): Difference[] {
  return differencesBetween(machineOf(before), machineOf(after));
}

/** Everything but what changes by itself, which may differ between sessions of one run. */
export function differencesOfEnvironments(before: Environment, after: Environment): Difference[] {
  return differencesBetween(withoutChance(before), withoutChance(after)).filter(isKnown);
}

function machineOf(environment: Environment): Partial<Environment> {
  const { cores, cpu, memory_bytes, cgroup, virtual_machine, machine, governor, turbo } =
    environment;
  return { cores, cpu, memory_bytes, cgroup, virtual_machine, machine, governor, turbo };
}

function withoutChance({
  load_average: _load,
  browser_command_line: _line,
  versions,
  git: { unknown_because: _reason, ...git },
  ...rest
}: Environment): object {
  return { ...rest, git, versions: withoutDrawing(versions) };
}

/** The trials of a run do not depend on what draws their figures. */
function withoutDrawing(versions: Versions): Partial<Versions> {
  const kept = Object.entries(versions).filter(
    ([name]) => !(DRAWING_VERSIONS as readonly string[]).includes(name),
  );
  return Object.fromEntries(kept) as Partial<Versions>;
}

function differencesBetween(before: object, after: object): Difference[] {
  return differences(before, JSON.parse(JSON.stringify(after))).filter(isNoticeable);
}

function isNoticeable({ path, before, after }: Difference): boolean {
  if (!path.endsWith('memory_bytes')) return true;
  if (typeof before !== 'number' || typeof after !== 'number') return true;
  return Math.abs(before - after) > MEMORY_TOLERANCE * Math.max(before, after);
}

/** A version that one of two runs could not find out may well be that of the other. */
function isKnown({ path, before, after }: Difference): boolean {
  const known = [before, after].filter((value) => value !== null && value !== undefined);
  return !path.startsWith('versions.') || known.length === 2;
}
