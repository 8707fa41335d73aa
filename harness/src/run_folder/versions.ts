import { createRequire } from 'node:module';
import { ask, firstLineOf } from '../base/ask.js';
import { environmentOfPython, ISOLATED, PYTHON } from '../base/python.js';
import { readFileOrNull } from './read_file.js';

const PYTHON_PACKAGES = ['matplotlib', 'numpy', 'pandas', 'scipy'] as const;

/** What only draws the figures of what was measured. */
export const DRAWING_VERSIONS = ['python', ...PYTHON_PACKAGES] as const;

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
  ...DRAWING_VERSIONS,
] as const;

/** By name; null is what could not be found out. */
export type Versions = Readonly<Record<(typeof VERSIONS)[number], string | null>>;

/** `native`, `wasm`: what CMake remembers of each build. The browser's is not known here. */
export async function describeVersions(
  native: ReadonlyMap<string, string>,
  wasm: ReadonlyMap<string, string>,
): Promise<Versions> {
  const [compiler, openblas, poco, nlohmann_json, grpc, protobuf, python] = await Promise.all([
    firstLineOf(native.get('CMAKE_CXX_COMPILER'), ['--version']),
    firstLineOf('pkg-config', ['--modversion', 'openblas']),
    debianVersion('libpoco-dev'),
    debianVersion('nlohmann-json3-dev'),
    debianVersion('libgrpc++-dev'),
    debianVersion('libprotobuf-dev'),
    pythonVersions(),
  ]);
  return {
    node: process.version,
    playwright: versionOf('playwright-core'),
    browser: null,
    compiler,
    // What is installed now may be another than the one that made the modules.
    emscripten: wasm.get('ENXAME_EMSCRIPTEN_VERSION') ?? null,
    openblas,
    poco,
    nlohmann_json,
    grpc,
    protobuf,
    ...python,
  };
}

type PythonVersions = Pick<Versions, (typeof DRAWING_VERSIONS)[number]>;

/** Of the Python that draws the figures, and of its packages, as it is started for that. */
async function pythonVersions(): Promise<PythonVersions> {
  const script = `
import importlib.metadata, json, platform, sys
found = {'python': platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = None
print(json.dumps(found))`;
  const args = [...ISOLATED, '-c', script, ...PYTHON_PACKAGES];
  const answer = await ask(PYTHON, args, environmentOfPython());
  const none = Object.fromEntries(DRAWING_VERSIONS.map((name) => [name, null]));
  return { ...none, ...('stdout' in answer && JSON.parse(answer.stdout)) };
}

async function debianVersion(name: string): Promise<string | null> {
  return (await firstLineOf('dpkg-query', ['-W', name]))?.split('\t')[1] ?? null;
}

function versionOf(npmPackage: string): string | null {
  const path = createRequire(import.meta.url).resolve(`${npmPackage}/package.json`);
  const manifest = JSON.parse(readFileOrNull(path) ?? '{}') as { version?: string };
  return manifest.version ?? null;
}
