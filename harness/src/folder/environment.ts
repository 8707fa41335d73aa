import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAverage } from '../measure/machine.js';
import { type Paths, programsOf } from '../paths.js';
import { hashFile } from './hash.js';

/** environment.json: what the run ran on. null is what could not be found out. */
export interface Environment {
  readonly cores: number;
  readonly cpu: string | null;
  readonly memory_bytes: number;
  /** Limits of the control group: processors' worth of time, bytes; null is no limit. */
  readonly cgroup: { readonly cpus: number | null; readonly memory_bytes: number | null };
  readonly os: string | null;
  readonly kernel: string;
  readonly virtual_machine: boolean;
  /** What the firmware calls the machine, which in a virtual one names the hypervisor. */
  readonly machine: string | null;
  readonly governor: string | null;
  readonly turbo: boolean | null;
  readonly load_average: number;
  readonly versions: Readonly<Record<(typeof VERSIONS)[number], string | null>>;
  readonly build_flags: string | null;
  /** SHA-256 of each Wasm file of the site. */
  readonly wasm_sha256: Readonly<Record<string, string>>;
  /** SHA-256 of each program that measures or is measured. */
  readonly programs_sha256: Readonly<Record<string, string>>;
  readonly browser_command_line: readonly string[] | null;
  /** Of the checkout; null for both where there is none. */
  readonly git: { readonly commit: string | null; readonly dirty: boolean | null };
}

const VERSIONS = [
  'node',
  'playwright',
  'browser',
  'compiler',
  'emscripten',
  'openblas',
  'poco',
  'nlohmann_json',
  'grpc',
  'protobuf',
] as const;

/** What a browser said of itself; null when the experiment needs none. */
export interface BrowserFacts {
  readonly version: string;
  readonly commandLine: readonly string[];
}

export async function describeEnvironment(
  paths: Paths,
  browser: BrowserFacts | null,
): Promise<Environment> {
  const native = cmakeCache(paths, 'release');
  const wasm = cmakeCache(paths, 'wasm');
  const debian = async (name: string) =>
    (await firstLineOf('dpkg-query', ['-W', name]))?.split('\t')[1] ?? null;
  const [compiler, emscripten, openblas, poco, nlohmann_json, grpc, protobuf, git] =
    await Promise.all([
      firstLineOf(native.get('CMAKE_CXX_COMPILER'), ['--version']),
      firstLineOf(wasm.get('CMAKE_CXX_COMPILER'), ['--version']),
      firstLineOf('pkg-config', ['--modversion', 'openblas']),
      debian('libpoco-dev'),
      debian('nlohmann-json3-dev'),
      debian('libgrpc++-dev'),
      debian('libprotobuf-dev'),
      describeGit(paths.root),
    ]);
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? null,
    memory_bytes: totalmem(),
    cgroup: readCgroup(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release') ?? '')?.[1] ?? null,
    kernel: release(),
    virtual_machine: /^flags\s*:.*\bhypervisor\b/m.test(readText('/proc/cpuinfo') ?? ''),
    machine: readMachineName(),
    governor: readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    turbo: readTurbo(),
    load_average: loadAverage(),
    versions: {
      node: process.version,
      playwright: versionOf('playwright-core'),
      browser: browser?.version ?? null,
      compiler,
      emscripten,
      openblas,
      poco,
      nlohmann_json,
      grpc,
      protobuf,
    },
    build_flags: buildFlags(native),
    wasm_sha256: hashWasm(paths.site),
    programs_sha256: await hashPrograms(paths),
    browser_command_line: browser?.commandLine ?? null,
    git,
  };
}

/** What makes two machines alike: numbers of unlike ones say nothing about what was changed. */
export function machineOf(environment: Environment): Partial<Environment> {
  const { cores, cpu, memory_bytes, cgroup, virtual_machine, machine, governor, turbo } =
    environment;
  return { cores, cpu, memory_bytes, cgroup, virtual_machine, machine, governor, turbo };
}

/**
 * An environment without what changes by itself, which may differ between sessions of one run.
 */
export function withoutChance({
  load_average: _load,
  browser_command_line: _line,
  ...rest
}: Environment): Partial<Environment> {
  return rest;
}

export async function describeGit(
  root: string,
): Promise<{ commit: string | null; dirty: boolean | null }> {
  const commit = await firstLineOf('git', ['-C', root, 'rev-parse', '--verify', 'HEAD']);
  if (commit === null) return { commit: null, dirty: null };
  const changes = await firstLineOf('git', ['-C', root, 'status', '--porcelain']);
  return { commit, dirty: changes !== '' };
}

/** What CMake remembers of a build: its variables by name; empty when there is no such build. */
function cmakeCache(paths: Paths, preset: string): Map<string, string> {
  const text = readText(join(paths.build, preset, 'CMakeCache.txt')) ?? '';
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
  const boost = readText('/sys/devices/system/cpu/cpufreq/boost');
  if (boost !== null) return boost === '1';
  const noTurbo = readText('/sys/devices/system/cpu/intel_pstate/no_turbo');
  return noTurbo === null ? null : noTurbo === '0';
}

/**
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, of the group and those around it: the tightest
 * limit.
 */
function readCgroup(): Environment['cgroup'] {
  const own = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1] ?? '/';
  const parts = own.split('/').filter(Boolean);
  const folders = Array.from({ length: parts.length + 1 }, (_, i) =>
    join('/sys/fs/cgroup', ...parts.slice(0, i)),
  );
  const tightest = (name: string, read: (text: string) => number) => {
    const limits = folders
      .map((folder) => readText(join(folder, name)))
      .filter((text) => text !== null && !text.startsWith('max'))
      .map((text) => read(text as string));
    return limits.length > 0 ? Math.min(...limits) : null;
  };
  const cpus = (text: string) => {
    const [quota, period] = text.split(' ').map(Number) as [number, number];
    return quota / period;
  };
  return { cpus: tightest('cpu.max', cpus), memory_bytes: tightest('memory.max', Number) };
}

function readMachineName(): string | null {
  const names = ['sys_vendor', 'product_name'].map((name) => readText(`/sys/class/dmi/id/${name}`));
  return names.filter(Boolean).join(' ') || null;
}

function versionOf(npmPackage: string): string | null {
  const manifest = createRequire(import.meta.url).resolve(`${npmPackage}/package.json`);
  return (JSON.parse(readText(manifest) ?? '{}') as { version?: string }).version ?? null;
}

async function hashPrograms(paths: Paths): Promise<Record<string, string>> {
  const there = Object.entries(programsOf(paths)).filter(([, path]) => existsSync(path));
  const hashes = there.map(async ([name, path]) => [name, await hashFile(path)]);
  return Object.fromEntries(await Promise.all(hashes));
}

function hashWasm(site: string): Record<string, string> {
  const names = listFiles(site).filter((name) => name.endsWith('.wasm'));
  return Object.fromEntries(
    names.map((name) => {
      const hash = createHash('sha256').update(readFileSync(join(site, name)));
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

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

async function firstLineOf(
  command: string | undefined,
  args: readonly string[],
): Promise<string | null> {
  if (command === undefined) return null;
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: 10_000 });
    return stdout.split('\n')[0] ?? null;
  } catch {
    return null;
  }
}
