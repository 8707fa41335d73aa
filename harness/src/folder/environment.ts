import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAverage } from '../measure/machine.js';
import type { Paths } from '../paths.js';

/** environment.json: what the run ran on. null is what could not be found out. */
export interface Environment {
  readonly cores: number;
  readonly cpu: string | null;
  readonly memory_bytes: number;
  readonly os: string | null;
  readonly kernel: string;
  readonly virtual_machine: boolean;
  readonly governor: string | null;
  readonly turbo: boolean | null;
  readonly load_average: number;
  readonly versions: Readonly<
    Record<'node' | 'compiler' | 'emscripten' | 'browser' | 'openblas', string | null>
  >;
  readonly build_flags: string | null;
  /** SHA-256 of each Wasm file of the site. */
  readonly wasm_sha256: Readonly<Record<string, string>>;
  readonly browser_command_line: readonly string[] | null;
}

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
  const [compiler, emscripten, openblas] = await Promise.all([
    firstLineOf(native.get('CMAKE_CXX_COMPILER'), ['--version']),
    firstLineOf(wasm.get('CMAKE_CXX_COMPILER'), ['--version']),
    firstLineOf('pkg-config', ['--modversion', 'openblas']),
  ]);
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? null,
    memory_bytes: totalmem(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release') ?? '')?.[1] ?? null,
    kernel: release(),
    virtual_machine: /^flags\s*:.*\bhypervisor\b/m.test(readText('/proc/cpuinfo') ?? ''),
    governor: readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    turbo: readTurbo(),
    load_average: loadAverage(),
    versions: {
      node: process.version,
      compiler,
      emscripten,
      browser: browser?.version ?? null,
      openblas,
    },
    build_flags: buildFlags(native),
    wasm_sha256: hashWasm(paths.site),
    browser_command_line: browser?.commandLine ?? null,
  };
}

/** The commit of the checkout and whether it has changes; null for both where there is none. */
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
