/** Machine code behind each worker, as with `process`, in sandboxes that keep more and more from it; and WebAssembly in one of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import type { EngineNeed, Guest, GuestProgram, Guests, Limits } from './engine.js';
import { Prepared, runToPrepare } from './prepared.js';
import { processEngine, programIn, STDIO_WORKER_LACKS } from './process.js';
import { GRANTED, moduleOf, ONE_KERNEL, versionIn } from './wasi.js';

const RATES = processEngine.cost.rates;

/** Namespaces of Linux, and one file in them. */
export const bubblewrap = inSandbox('bubblewrap', 'bwrap', {
  lacks: STDIO_WORKER_LACKS,
  startMs: 10,
  rates: RATES,
  grants: () => GRANTED,
  command: (built, { program, flags, granted }) => [
    ...[join(built.engines, 'bwrap'), '--unshare-all', '--die-with-parent', '--cap-drop', 'ALL'],
    ...['--hostname', 'worker', '--clearenv'],
    ...(granted === undefined ? [] : ['--bind', granted, GRANTED]),
    ...['--ro-bind', programIn(built, program), '/worker', '--proc', '/proc', '--dev', '/dev'],
    ...['--', '/worker', ...flags],
  ],
});

/** A container without a daemon, by the runtime that is written in C. */
export const crun = inContainer('crun', {
  runtime: 'crun',
  startMs: 30,
  limiting: ['memoryBytes', 'processors'],
});

/** With limits of its cgroup that nothing here comes near. */
export const crunLimits = inContainer('crun-limits', {
  runtime: 'crun',
  startMs: 30,
  limits: { memoryBytes: 2 ** 33, processors: 64 },
  unlimited: 'crun',
});

/** The same by the first runtime, which Docker uses. */
export const runc = inContainer('runc', {
  runtime: 'runc',
  startMs: 70,
  limiting: ['memoryBytes', 'processors'],
});

/** gVisor: a kernel in user space answers what the program asks of Linux. */
export const gvisor = inContainer('gvisor', {
  runtime: 'runsc',
  flags: ['--ignore-cgroups', '--network=none', '--platform=systrap'],
  startMs: 300,
});

/** WebAssembly in a container: in the place of a process crun runs WasmEdge, on a file compiled before. */
export const crunWasmedge = inContainer('crun-wasmedge', {
  runtime: 'crun',
  limiting: ['memoryBytes'],
  startMs: 60,
  rates: { simd: 2e10 },
  lacks: ONE_KERNEL,
  needs: ['wasi', 'engine:wasmedge'],
  annotations: { 'run.oci.handler': 'wasm' },
  putProgram: (built, program, to) =>
    runToPrepare('crun-wasmedge', [
      ...[join(built.engines, 'wasmedge'), 'compile', moduleOf(built, program), to],
    ]),
  takesFlags: false,
});

/** What is in a container beside its file: its own processes, and devices like /dev/null. */
const MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
];

const BOUND = { type: 'bind', options: ['bind', 'nosuid', 'nodev'] };

interface Container {
  /** As setup/engine calls it. */
  readonly runtime: string;
  readonly flags?: readonly string[];
  readonly startMs: number;
  /** Of the program in it. Default: of stdio-worker. */
  readonly rates?: Child<string>['rates'];
  readonly lacks?: Child<string>['lacks'];
  /** Beside its runtime. */
  readonly needs?: readonly EngineNeed[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where none are given. */
  readonly limits?: Limits;
  /** What its cgroup limits, of which its program says how far it came. Default: nothing. */
  readonly limiting?: Guests['limits'];
  /** The container that it is but for these. */
  readonly unlimited?: string;
  /** Makes the one file that it has. Default: of the program for this machine. */
  readonly putProgram?: (built: Built, program: GuestProgram, to: string) => Promise<void>;
  /** Default: it does. */
  readonly takesFlags?: boolean;
}

function inContainer<Name extends string>(name: Name, container: Container) {
  const { runtime, flags = [], lacks = STDIO_WORKER_LACKS, rates = RATES } = container;
  const { takesFlags = true, annotations, needs, startMs } = container;
  const { putProgram = (built, program, to) => copyFile(programIn(built, program), to) } =
    container;
  const prepared = new Prepared(name, async (built, program, folder) => {
    for (const place of [...MOUNTS.map(({ destination }) => destination), GRANTED]) {
      await mkdir(join(folder, 'rootfs', place), { recursive: true });
    }
    await putProgram(built, program, join(folder, 'rootfs', 'worker'));
    // Before the folder is gone, in which they are noted.
    process.prependOnceListener('exit', () => {
      const remove = ['--clean', join(folder, 'state'), join(built.engines, runtime), ...flags];
      spawnSync(join(built.bin, 'oci-run'), remove, { stdio: 'ignore' });
    });
  });
  /** The folder of the container in which it has those flags. */
  const bundleOf = ({ program, flags: given, granted, limits = container.limits }: Guest) => {
    const name = [
      ...['bundle', ...given, ...(granted === undefined ? [] : ['-granted'])],
      ...[limits?.memoryBytes ?? '', ...(limits?.processors ? [`-${limits.processors}`] : [])],
    ].join('');
    const bundle = prepared.file(program, name);
    const args = ['/worker', ...(takesFlags ? given : [])];
    const config = configOf(prepared.file(program, 'rootfs'), args, {
      ...{ annotations, granted, limits },
    });
    // Once: a runtime may be reading it.
    if (!existsSync(bundle)) {
      mkdirSync(bundle);
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(config, null, 2));
    }
    return bundle;
  };
  return inSandbox(name, runtime, {
    ...{ lacks, rates, startMs, prepare: prepared.prepare, grants: () => GRANTED },
    ...(needs && { needs }),
    ...(container.unlimited !== undefined && { unlimited: container.unlimited }),
    ...(container.limiting && { limits: container.limiting }),
    command: (built, guest) => {
      const bundle = bundleOf(guest);
      return [
        ...[join(built.bin, 'oci-run'), prepared.file(guest.program, 'state'), bundle],
        ...[join(built.engines, runtime), ...flags],
      ];
    },
  });
}

interface Sandbox
  extends Pick<
    Child<string>,
    'lacks' | 'rates' | 'startMs' | 'command' | 'prepare' | 'grants' | 'limits' | 'unlimited'
  > {
  readonly needs?: readonly EngineNeed[];
}

/** It is tried once without work, so that one that this machine does not allow says so before anything is measured. */
function inSandbox<Name extends string>(
  name: Name,
  program: string,
  { command, needs = [], prepare, ...own }: Sandbox,
) {
  const path = ({ engines }: Built) => join(engines, program);
  return childEngine({
    ...own,
    name,
    needs: [`engine:${program}`, ...needs],
    command,
    prepare: async (built, guest) => {
      await prepare?.(built, guest);
      await runToPrepare(name, command(built, { program: guest, flags: [] }));
    },
    files: (built) => [path(built), programIn(built)],
    artefacts: (built) => ({
      programs: { [program]: path(built), 'stdio-worker': programIn(built) },
      wasm: needs.includes('wasi') ? [built.wasi] : [],
    }),
    describe: (_, built) => versionIn(built, program),
  });
}

/** A container after the specification of the Open Container Initiative: namespaces of its own, no rights, one file that it cannot write. */
function configOf(
  rootfs: string,
  args: readonly string[],
  {
    annotations = {},
    granted,
    limits: { memoryBytes, processors } = {},
  }: {
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly granted?: string | undefined;
    readonly limits?: Limits | undefined;
  },
) {
  const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount'];
  return {
    ociVersion: '1.0.0',
    process: { user: { uid: 0, gid: 0 }, args, env: [], cwd: '/', noNewPrivileges: true },
    root: { path: rootfs, readonly: true },
    hostname: 'worker',
    mounts: [
      ...MOUNTS,
      ...(granted === undefined ? [] : [{ destination: GRANTED, source: granted, ...BOUND }]),
    ],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      resources: {
        // Without swap, or the memory is only the beginning.
        ...(memoryBytes && { memory: { limit: memoryBytes, swap: memoryBytes } }),
        ...(processors && { cpu: { period: 100_000, quota: 100_000 * processors } }),
      },
    },
    annotations,
  };
}
