import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type CgroupLimits, cgroupLimits } from '../base/cgroup.js';
import type { Engine, EngineFacts } from '../engines/engine.js';
import { ALWAYS_BUILT, type Paths, programsOf } from '../experiment/paths.js';
import { loadAverage } from '../measure/machine.js';
import { describeGit, type GitFacts } from './git.js';
import { hashFile } from './hash.js';
import { readFileOrNull } from './read_file.js';
import { describeVersions, type Versions } from './versions.js';

/** environment.json: what the run ran on. null is what could not be found out. */
export interface Environment {
  readonly cores: number;
  readonly cpu: string | null;
  readonly memory_bytes: number;
  /** Limits of the control group: processors' worth of time, bytes; null is no limit. */
  readonly cgroup: CgroupLimits;
  readonly os: string | null;
  readonly kernel: string;
  readonly virtual_machine: boolean;
  /** What the firmware calls the machine, which in a virtual one names the hypervisor. */
  readonly machine: string | null;
  readonly governor: string | null;
  readonly turbo: boolean | null;
  readonly load_average: number;
  readonly versions: Versions;
  readonly build_flags: string | null;
  /** SHA-256 of each Wasm file of the site, and of that which WASI runtimes run, where one does. */
  readonly wasm_sha256: Readonly<Record<string, string>>;
  /** SHA-256 of each program that measures or is measured. */
  readonly programs_sha256: Readonly<Record<string, string>>;
  readonly browser_command_line: readonly string[] | null;
  readonly git: GitFacts;
}

/** `facts`: what the engines of the experiment tell of themselves; theirs are the hashes, too. */
export async function describeEnvironment(
  paths: Paths,
  facts: readonly EngineFacts[],
  engines: readonly Engine[],
): Promise<Environment> {
  const hashed = [...new Set([...ALWAYS_BUILT, ...engines])];
  const native = cmakeCache(paths, 'release');
  const wasm = cmakeCache(paths, 'wasm');
  const [versions, git] = await Promise.all([
    describeVersions(native, wasm),
    describeGit(paths.root),
  ]);
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? null,
    memory_bytes: totalmem(),
    cgroup: cgroupLimits(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileOrNull('/etc/os-release') ?? '')?.[1] ?? null,
    kernel: release(),
    virtual_machine: /^flags\s*:.*\bhypervisor\b/m.test(readFileOrNull('/proc/cpuinfo') ?? ''),
    machine: readMachineName(),
    governor: readFileOrNull('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    turbo: readTurbo(),
    load_average: loadAverage(),
    versions: {
      ...versions,
      ...Object.fromEntries(facts.flatMap((each) => Object.entries(each.versions))),
    },
    build_flags: buildFlags(native),
    wasm_sha256: hashWasm(paths, hashed),
    programs_sha256: await hashPrograms(paths, hashed),
    browser_command_line:
      facts.find((each) => each.browser_command_line)?.browser_command_line ?? null,
    git,
  };
}

/** What CMake remembers of a build: its variables by name; empty when there is no such build. */
function cmakeCache(paths: Paths, preset: string): Map<string, string> {
  const text = readFileOrNull(join(paths.build, preset, 'CMakeCache.txt')) ?? '';
  const entries = text.matchAll(/^(\w+):\w+=(.*)$/gm);
  return new Map([...entries].map(([, name = '', value = '']) => [name, value]));
}

function buildFlags(cache: Map<string, string>): string | null {
  const type = cache.get('CMAKE_BUILD_TYPE');
  if (type === undefined) return null;
  const flags = [cache.get('CMAKE_CXX_FLAGS'), cache.get(`CMAKE_CXX_FLAGS_${type.toUpperCase()}`)];
  return flags.filter(Boolean).join(' ');
}

/**
 * Linux tells it in one of two places, depending on the driver; in a virtual machine mostly in
 * neither.
 */
function readTurbo(): boolean | null {
  const boost = readFileOrNull('/sys/devices/system/cpu/cpufreq/boost');
  if (boost !== null) return boost === '1';
  const noTurbo = readFileOrNull('/sys/devices/system/cpu/intel_pstate/no_turbo');
  return noTurbo === null ? null : noTurbo === '0';
}

function readMachineName(): string | null {
  const names = ['sys_vendor', 'product_name'].map((name) =>
    readFileOrNull(`/sys/class/dmi/id/${name}`),
  );
  return names.filter(Boolean).join(' ') || null;
}

async function hashPrograms(
  paths: Paths,
  engines: readonly Engine[],
): Promise<Record<string, string>> {
  const there = Object.entries(programsOf(paths, engines)).filter(([, path]) => existsSync(path));
  const hashes = there.map(async ([name, path]) => [name, await hashFile(path)]);
  return Object.fromEntries(await Promise.all(hashes));
}

function hashWasm(paths: Paths, engines: readonly Engine[]): Record<string, string> {
  const folders = new Set(engines.flatMap((engine) => engine.artefacts(paths).wasm));
  const files = [...folders].flatMap((folder) =>
    listFiles(folder)
      .filter((name) => name.endsWith('.wasm'))
      .map((name) => ({ folder, name })),
  );
  return Object.fromEntries(
    files.map(({ folder, name }) => {
      const hash = createHash('sha256').update(readFileSync(join(folder, name)));
      return [name, hash.digest('hex')];
    }),
  );
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}
